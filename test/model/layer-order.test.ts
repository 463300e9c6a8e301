import { array, assert, constantFrom, integer, property, shuffledSubarray, tuple } from "fast-check";
import { describe, expect, test } from "vitest";
import { type Link, orderLayers } from "../../src/model/layer-order.ts";

/** Layers from lines as `fc1 784-10`. */
const layersIn = (...lines: string[]): Link[] =>
  lines.map((line) => {
    const [name, widths] = line.split(" ");
    const [inputs, outputs] = widths.split("-").map(Number);
    return { name, inputs, outputs };
  });

const orderOf = (layers: readonly Link[]) => {
  const order = orderLayers(layers);
  return order && { names: order.layers.map(({ name }) => name).join(" "), isGuess: order.isGuess };
};

const chains = (layers: readonly Link[]) =>
  layers.slice(1).every(({ inputs }, index) => inputs === layers[index].outputs);

describe("layers are put in the order", () => {
  test.each<[string, string[], string]>([
    [
      "that their shapes tell, whatever they are called",
      ["hid 64-32", "in 784-64", "a_out 32-10"],
      "in hid a_out",
    ],
    ["that their shapes tell against numbers", ["fc1 784-64", "fc2 64-10", "fc3 64-64"], "fc1 fc3 fc2"],
    ["of numbers", ["fc10 5-5", "fc9 5-5", "fc1 7-5", "fc2 5-5"], "fc1 fc2 fc9 fc10"],
    ["of numbers that are spelt", ["three 9-9", "two 9-9", "one 7-9"], "one two three"],
    [
      "of ordinals",
      ["thirdLayer 9-9", "firstLayer 9-9", "secondLayer 9-9"],
      "firstLayer secondLayer thirdLayer",
    ],
    ["of numbers inside", ["net.1.fc 4-4", "net.0.fc 4-4", "net.10.fc 4-4"], "net.0.fc net.1.fc net.10.fc"],
    ["of numbers, through a circle", ["l.2 3-5", "l.0 5-3", "l.1 3-3"], "l.0 l.1 l.2"],
    ["that brings in all", ["a1 10-5", "a2 10-10", "a3 10-10"], "a2 a3 a1"],
  ])("%s", (_, lines, names) => {
    for (const layers of [layersIn(...lines), layersIn(...lines).reverse()])
      expect(orderOf(layers)).toEqual({ names, isGuess: false });
  });

  test.each<[string, string[], string]>([
    ["words alone", ["beta 9-9", "alpha 9-9", "first 7-9"], "first alpha beta"],
    ["words for the ends", ["classifier 9-9", "hidden 9-9", "input 9-9"], "input hidden classifier"],
    ["numbers after other words", ["encoder.0 9-9", "decoder.0 9-9"], "decoder.0 encoder.0"],
    ["a number beside none", ["dense_1 9-9", "dense 9-9", "dense_2 9-9"], "dense dense_1 dense_2"],
    ["the same number", ["fc01 9-9", "fc1 9-9"], "fc01 fc1"],
    ["where a circle begins", ["b 5-3", "a 3-5"], "a b"],
  ])("of names, and it is a guess by %s", (_, lines, names) => {
    for (const layers of [layersIn(...lines), layersIn(...lines).reverse()])
      expect(orderOf(layers)).toEqual({ names, isGuess: true });
  });

  test.each<[string, string[]]>([
    ["a gap", ["a 7-5", "b 4-3"]],
    ["two beginnings", ["a 7-5", "b 7-5"]],
    ["two ends", ["a 7-5", "b 5-4", "c 5-3"]],
    ["a circle beside", ["a 7-5", "b 4-4"]],
  ])("or in none: %s", (_, lines) => expect(orderLayers(layersIn(...lines))).toBeUndefined());
});

test("there is an order whenever one of all orders fits, and it fits", () => {
  const permutations = (layers: Link[]): Link[][] =>
    layers.length === 0
      ? [[]]
      : layers.flatMap((layer) =>
          permutations(layers.filter((other) => other !== layer)).map((rest) => [layer, ...rest]),
        );
  const width = integer({ min: 1, max: 3 });
  const name = constantFrom("a", "fc1", "fc2", "one", "out");
  const layer = tuple(name, width, width).map(([name, inputs, outputs]): Link => ({ name, inputs, outputs }));
  assert(
    property(array(layer, { minLength: 1, maxLength: 5 }), (layers) => {
      const fitting = permutations(layers).filter(chains);
      const order = orderLayers(layers);
      expect(order !== undefined).toBe(fitting.length > 0);
      if (!order) return;
      expect(fitting.map((one) => one.map((layer) => layers.indexOf(layer)))).toContainEqual(
        order.layers.map((layer) => layers.indexOf(layer)),
      );
      // What is no guess is no matter of chance either.
      if (fitting.length === 1) expect(order.isGuess).toBe(false);
    }),
  );
});

test("a chain of different widths is found again, however it is shuffled and named", () => {
  const widths = Array.from({ length: 12 }, (_, index) => index + 3);
  assert(
    property(
      shuffledSubarray(widths, { minLength: 2 }),
      shuffledSubarray(widths, { minLength: 12 }),
      (chain, names) => {
        const layers = chain
          .slice(1)
          .map((outputs, index) => ({ name: `l${names[index]}`, inputs: chain[index], outputs }));
        const shuffled = [...layers].sort((a, b) => (a.name < b.name ? -1 : 1));
        expect(orderLayers(shuffled)).toEqual({ layers, isGuess: false });
      },
    ),
  );
});

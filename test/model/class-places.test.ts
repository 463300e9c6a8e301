import { describe, expect, it, test } from "vitest";
import { UserError } from "../../src/errors.ts";
import { type Classes, classPlaces, placesInNetwork, withOutputsAt } from "../../src/model/class-places.ts";

const named = (...classNames: string[]): Classes => ({ classes: classNames.length, classNames });
const nameless = (classes: number): Classes => ({ classes });

describe("classes stand among others", () => {
  it.each<[string, Classes, Classes, readonly number[] | undefined]>([
    ["by their names", named("cow", "ant"), named("ant", "bee", "cow"), [2, 0]],
    ["by their names, if one is not there", named("cow", "dog"), named("ant", "bee", "cow"), [2, -1]],
    ["by their numbers, if the others have no names", named("3", "8"), nameless(10), [3, 8]],
    ["by their numbers, from 1", named("1", "2", "3"), nameless(3), [1, 2, -1]],
    ["by their numbers, with zeros before them", named("03", "08"), nameless(10), [3, 8]],
    ["by their numbers, without names of their own", nameless(3), named("1", "2", "3"), [-1, 0, 1]],
    ["by their numbers, if these are names written otherwise", named("1", "2"), named("01", "02"), [0, 1]],
    ["by names before numbers", named("1", "01"), named("01", "1"), [1, 0]],
    ["as they come, if none has names", nameless(3), nameless(10), undefined],
    ["as they come, if the only names are no numbers", named("ant", "7"), nameless(10), undefined],
    ["as they come, if the others' names are no numbers", nameless(3), named("ant", "7", "8"), undefined],
    ["by names, but numbers where they lack", named("ant", "2"), { classes: 3, classNames: ["ant"] }, [0, 2]],
  ])("%s", (_, own, others, places) => {
    expect(classPlaces(own, others)).toEqual(places);
  });

  it("all that are needed, or are missed by their names", () => {
    const data = { name: "dots", ...nameless(3) };
    const network = { path: "a", ...named("1", "2", "3") };
    expect(placesInNetwork(data, network, [1, 2])).toEqual([-1, 0, 1]);
    expect(() => placesInNetwork(data, network, [0, 1])).toThrow(UserError);
    expect(() => placesInNetwork(data, network, [0, 1])).toThrow(
      'a does not know the classes "0" of dots. It was trained on "1", "2", "3".',
    );
  });
});

test("outputs take another order, each with its weights and bias", () => {
  const layer = (inputs: number, outputs: number) => ({
    ...{ inputs, outputs, bias: Float32Array.from({ length: outputs }, (_, row) => row) },
    weight: Float32Array.from({ length: inputs * outputs }, (_, at) => at),
  });
  const [first, last] = withOutputsAt([layer(4, 2), layer(2, 3)], [2, 0, 1]);
  expect(first).toEqual(layer(4, 2));
  expect(last).toEqual({
    ...{ inputs: 2, outputs: 3, bias: Float32Array.of(2, 0, 1) },
    weight: Float32Array.of(4, 5, 0, 1, 2, 3),
  });
});

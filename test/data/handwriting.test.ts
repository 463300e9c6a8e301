import { readFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { type PenPoint, prepareStrokes } from "../../src/data/prepare-strokes.ts";
import { decodeModel, settingOf } from "../../src/model/model-file.ts";
import { presets } from "../../src/model/presets.ts";
import { inspect } from "../../src/reference/inspect.ts";

interface Drawn {
  readonly hand: string;
  readonly label: number;
  readonly strokes: readonly (readonly (readonly [x: number, y: number])[])[];
}

const fixture = (name: string) => readFile(`${import.meta.dirname}/../fixtures/handwriting/${name}`);
const digits: readonly Drawn[] = JSON.parse(String(await fixture("digits.json")));
const model = decodeModel(new Uint8Array(await fixture("quick.safetensors")), "quick.safetensors");
const target = { rows: 28, columns: 28 };

/** A digit as a mouse draws it on a pad of 280 pixels, its longer side being `size` of the pad: whole pixels. */
function onPad({ strokes }: Drawn, size: number): PenPoint[][] {
  const place = (at: number) => Math.round(280 * (0.5 + at * size)) / 280;
  return strokes.map((stroke) => stroke.map(([x, y]) => ({ x: place(x), y: place(y) })));
}

/** What the network reads an image as. */
function read(image: Uint8Array): number {
  const { activation } = presets.quick.config;
  const X = Float32Array.from(image, (byte) => byte / 255);
  const { layers } = inspect(model.parameters, X, undefined, { activation, labelSmoothing: 0 });
  const probabilities = layers.at(-1)!.A;
  return probabilities.indexOf(Math.max(...probabilities));
}

describe("drawings by mouse, read by preset quick", () => {
  test("the network is that of the preset", () => {
    expect(digits).toHaveLength(50);
    expect(settingOf(model, "optimizer")).toBe(presets.quick.config.optimizer);
    expect(model.parameters.map(({ outputs }) => outputs)).toEqual([128, 10]);
  });

  test.each([
    { size: 0.8, least: 46 },
    { size: 0.4, least: 45 },
    { size: 0.15, least: 40 },
  ])("at $size of the pad at least $least of 50 are read right", ({ size, least }) => {
    const wrong = digits.flatMap((drawn) => {
      const answer = read(prepareStrokes(onPad(drawn, size), target));
      return answer === drawn.label ? [] : [`${drawn.hand} ${drawn.label}: ${answer}`];
    });
    expect(wrong.length, wrong.join(", ")).toBeLessThanOrEqual(50 - least);
  });
});

import type { ImageShape } from "../../data/dataset.ts";
import type { StepSettings } from "../../model/settings.ts";
import { atMagnitude, augment as referenceAugment } from "../../reference/augment.ts";
import { augment } from "../augment.ts";
import { placeImages } from "../lib/images.ts";
import { vectors, vectorWidth } from "../lib/layout.ts";
import { TestData } from "./bench.ts";
import { type KernelCase, rowsCheck } from "./case.ts";

type Augmentation = Parameters<typeof augment>[1];

const none = { shift: 0, rotation: 0, scale: 0, shear: 0, elastic: 0, inputDropout: 0 };
const everything = { shift: 2, rotation: 180, scale: 0.3, shear: 0.4, elastic: 1.5, inputDropout: 0.2 };
/**
 * One ingredient at a time, none, and all, also in a step of less magnitude; images of MNIST's size, and such whose rows are no
 * whole vectors.
 */
export const augmentations: readonly [string, Augmentation, ImageShape, number?][] = [
  ["nothing", none, { rows: 28, columns: 28 }],
  ...(Object.keys(none) as (keyof Augmentation)[]).map((name): (typeof augmentations)[number] => [
    name,
    { ...none, [name]: everything[name] },
    { rows: 28, columns: 28 },
  ]),
  ["everything", everything, { rows: 28, columns: 28 }],
  ["everything, magnitude 0.3", everything, { rows: 28, columns: 28 }, 0.3],
  ["everything, odd", everything, { rows: 17, columns: 9 }],
];

export function augmentCase([
  what,
  settings,
  shape,
  magnitude = 1,
]: (typeof augmentations)[number]): KernelCase {
  const { rows, columns } = shape;
  const pixels = rows * columns;
  return {
    kernel: "augment",
    case: `${rows} x ${columns}, ${what}`,
    async run(bench) {
      const data = new TestData(pixels);
      const [batch, count, first] = [5, 7, 2];
      const images = data.bytes(count * pixels);
      const order = data.integers(first + batch, count);
      const inputs = bench.upload("inputs", new Float32Array(batch * vectors(pixels) * vectorWidth));
      const place = { memory: bench.memory, label: "images", inputs: pixels, count, span: order.length };
      const placed = placeImages({ ...place, order: bench.upload("order", order) });
      placed.write(
        0,
        images,
        Uint32Array.from({ length: count }, (_, index) => index),
      );
      const key = { seed: 4_000_000_000, step: 77 };
      const window = { first, size: batch };
      const step = { ...window, seed: key.seed, number: key.step, magnitude };
      const actual = await bench.run(augment(shape, settings, batch, placed.input, inputs), step, inputs);
      const how = { ...atMagnitude(settings satisfies Partial<StepSettings>, magnitude), ...key };
      const expected = referenceAugment({ ...shape, images }, order, window, how);
      return [
        rowsCheck("X", actual, expected, pixels, {
          tolerance: { atol: 1e-4, rtol: 1e-4 },
          reason: "places in float32, off by 1e-5 pixels, between pixels that differ by up to 1",
        }),
      ];
    },
  };
}

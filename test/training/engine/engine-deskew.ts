import { expect, test } from "vitest";
import { deskewed } from "../../../src/data/deskew.ts";
import { builtInDigits } from "../../../src/data/digits.ts";
import { initialise } from "../../../src/model/initialise.ts";
import { defaultConfig } from "../../../src/model/settings.ts";
import type { CreateEngine } from "./engine-fixture.ts";

/** Networks that read deskewed images: whatever they are given, they see it upright. */
export function describeDeskew(create: CreateEngine): void {
  const { train, test: others } = builtInDigits({ train: 40, test: 30 });
  const sizes = [784, 9, 10];
  const upright = <Kind extends typeof train>(split: Kind) => ({
    ...split,
    images: deskewed(split.images, split),
  });

  /** All that an engine says of some images, after some steps. */
  async function answers(deskew: boolean, shift: number, look: (split: typeof train) => typeof train) {
    const settings = { ...defaultConfig, deskew, shift, learningRate: 0.5 };
    const engine = await create({ sizes, batchSize: 16, train: look(train), settings });
    try {
      engine.setParameters(initialise(sizes, "he-normal", 7));
      engine.setOrder(Uint32Array.from({ length: 40 }, (_, index) => 39 - index));
      const steps = [0, 16, 32].map((first, step) => ({
        ...{ first, size: Math.min(16, 40 - first), number: step + 1, learningRate: 0.5 },
      }));
      const metrics = await engine.train(steps).metrics();
      const { images, labels } = look(others);
      return {
        metrics,
        evaluated: await engine.evaluate(look(others)),
        predicted: await engine.predict(images),
        inside: await engine.inspect(images.subarray(0, 3 * 784), labels.subarray(0, 3)),
        parameters: await engine.readParameters(),
      };
    } finally {
      engine.destroy();
    }
  }

  test.each([0, 2])(
    "train on, evaluate, predict and look into what is upright, shifted by %s",
    async (shift) => {
      const found = await answers(true, shift, (split) => split);
      expect(found).toEqual(await answers(false, shift, upright));
      const skewed = await answers(false, shift, (split) => split);
      expect(found.evaluated.losses).not.toEqual(skewed.evaluated.losses);
      expect(found.parameters).not.toEqual(skewed.parameters);
      const bytes = Array.from(found.inside.input, (pixel) => Math.round(255 * pixel));
      expect(bytes).toEqual([...deskewed(others.images.subarray(0, 3 * 784), others)]);
    },
  );
}

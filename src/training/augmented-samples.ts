import type { Split } from "../data/dataset.ts";
import type { StepSettings } from "../model/settings.ts";
import { atMagnitude, augment, changesImages } from "../reference/augment.ts";
import type { TrainingStep } from "./engine/engine.ts";

/**
 * The images of `split` as a training step shows them to the network whose mini-batch they are, as bytes again to be
 * looked at: what input dropout makes brighter than 255 is 255.
 * @param step each draws anew
 */
export function augmentedSamples(
  split: Split,
  settings: StepSettings,
  { number, magnitude }: Pick<TrainingStep, "number" | "magnitude">,
): Split {
  if (!changesImages(settings)) return split;
  const order = Uint32Array.from({ length: split.count }, (_, index) => index);
  const window = { first: 0, size: split.count };
  const values = augment(split, order, window, { ...atMagnitude(settings, magnitude), step: number });
  return { ...split, images: Uint8Array.from(values, (value) => Math.round(255 * Math.min(1, value))) };
}

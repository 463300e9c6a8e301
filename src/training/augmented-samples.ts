import { upTo } from "../data/batches.ts";
import type { Split } from "../data/dataset.ts";
import type { StepSettings } from "../model/settings.ts";
import { atMagnitude, augment, changesImages } from "../reference/augment.ts";
import { splitAsRead } from "./engine/as-read.ts";
import type { TrainingStep } from "./engine/engine.ts";

/** Whether the network is shown other images in training than there are. */
export function changesSamples(settings: StepSettings): boolean {
  return settings.deskew || changesImages(settings);
}

/**
 * The images of `split` as a training step shows them to the network whose mini-batch they are, as bytes again to be
 * looked at: what input dropout makes brighter than 255 is 255. Each step draws anew.
 */
export function augmentedSamples(
  split: Split,
  settings: StepSettings,
  { number, magnitude }: Pick<TrainingStep, "number" | "magnitude">,
): Split {
  const read = splitAsRead(split, settings);
  if (!changesImages(settings)) return read;
  const window = { first: 0, size: split.count };
  const values = augment(read, upTo(split.count), window, {
    ...atMagnitude(settings, magnitude),
    step: number,
  });
  return { ...split, images: Uint8Array.from(values, (value) => Math.round(255 * Math.min(1, value))) };
}

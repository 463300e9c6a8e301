import { imageSize, type Split } from "../../data/dataset.ts";
import { UserError } from "../../errors.ts";
import { networkName, type Parameters, type Sizes, type Slots } from "../../model/parameters.ts";
import type { Scheduled, TrainingStep } from "./engine.ts";

/** Throws a UserError unless `parameters` are those of a network of `sizes`. */
export function checkParameters(parameters: Parameters, sizes: Sizes): void {
  checkShapes("weights", parameters, sizes);
}

/** Throws a UserError unless what goes with the parameters of a network of `sizes` has their shapes. */
export function checkSlots(slots: Slots, sizes: Sizes): void {
  for (const [slot, values] of Object.entries(slots)) checkShapes(`values of ${slot}`, values, sizes);
}

function checkShapes(what: string, parameters: Parameters, sizes: Sizes): void {
  const fits =
    parameters.length === sizes.length - 1 &&
    parameters.every(
      ({ inputs, outputs, weight, bias }, layer) =>
        inputs === sizes[layer] &&
        outputs === sizes[layer + 1] &&
        weight.length === outputs * inputs &&
        bias.length === outputs,
    );
  if (fits) return;
  const layers = parameters.map((layer) => `[${layer.outputs}, ${layer.inputs}]`).join(", ");
  throw new UserError(
    `The ${what} do not fit the network: their shapes are ${layers || "none"}, expected those of ` +
      `${networkName(sizes)}. Choose the layers that the ${what} belong to, or other ${what}.`,
  );
}

/** Throws a UserError unless `split` is whole, and a network of `sizes` can take its images and has a class for every label. */
export function checkSplit(split: Split, sizes: Sizes): void {
  const inputs = sizes[0];
  const classes = sizes[sizes.length - 1];
  if (imageSize(split) !== inputs) {
    throw new UserError(
      `The images are ${split.rows}x${split.columns}, ${imageSize(split)} pixels, but the network ` +
        `${networkName(sizes)} takes ${inputs}. Choose a network and data of one size.`,
    );
  }
  checkWhole(split);
  const label = split.labels.findIndex((value) => value >= classes);
  if (label >= 0) {
    throw new UserError(
      `Image ${label} has label ${split.labels[label]}, but the network ${networkName(sizes)} has only ` +
        `the classes 0 to ${classes - 1}. Choose a network with more outputs, or other data.`,
    );
  }
}

/** Throws a UserError unless a split has as many images and labels as it says, and any at all. */
function checkWhole(split: Split): void {
  const { count, rows, columns, images, labels } = split;
  if (count < 1) throw new UserError("There are no images. Give at least one.");
  for (const [what, got, expected] of [
    ["bytes of images", images.length, count * imageSize(split)],
    ["labels", labels.length, count],
  ] as const) {
    if (got === expected) continue;
    throw new UserError(
      `Data of ${count} images of ${rows}x${columns} have ${got} ${what}, expected ${expected}. ` +
        "Give all of them, or the count that there is.",
    );
  }
}

/** Throws a RangeError if `order` is longer than the `samples` there are, or names one that is not among them. */
export function checkOrder(order: Uint32Array, samples: number): void {
  if (order.length > samples) {
    throw new RangeError(`the order has ${order.length} positions, but there are ${samples} training images`);
  }
  const position = order.findIndex((index) => index >= samples);
  if (position < 0) return;
  throw new RangeError(`order[${position}] is ${order[position]}, but there are ${samples} training images`);
}

/** Throws a RangeError unless every step is a window of an order of `positions`, of 1 to `batchSize` samples, with a number. */
export function checkSteps(
  steps: readonly Omit<TrainingStep, keyof Scheduled>[],
  batchSize: number,
  positions: number,
): void {
  steps.forEach(({ first, size, number }, step) => {
    if (!(Number.isSafeInteger(number) && number >= 1)) {
      throw new RangeError(`step ${step} has number ${number}, expected a whole number from 1 on`);
    }
    if (!(Number.isInteger(size) && size >= 1 && size <= batchSize)) {
      throw new RangeError(`step ${step} has ${size} samples, expected 1 to ${batchSize}`);
    }
    if (!(Number.isInteger(first) && first >= 0 && first + size <= positions)) {
      throw new RangeError(
        `step ${step} takes positions ${first} to ${first + size - 1} of an order of ${positions}`,
      );
    }
  });
}

/** The number of images `[count, inputs]`. Throws a RangeError if the last one is incomplete. */
export function countImages(images: Uint8Array, inputs: number): number {
  const count = images.length / inputs;
  if (Number.isInteger(count)) return count;
  throw new RangeError(`${images.length} bytes are no whole number of images of ${inputs} pixels`);
}

/**
 * The number of images `[count, inputs]` that are to be looked into. Throws a RangeError if there are none, or if `labels`
 * are not a class below `classes` for each.
 */
export function countInspected(images: Uint8Array, labels: Uint8Array | undefined, sizes: Sizes): number {
  const count = countImages(images, sizes[0]);
  if (count === 0) throw new RangeError("there are no images to look into");
  if (labels && labels.length !== count)
    throw new RangeError(`there are ${labels.length} labels for ${count} images`);
  const classes = sizes[sizes.length - 1];
  const wrong = labels?.findIndex((label) => label >= classes) ?? -1;
  if (wrong < 0) return count;
  throw new RangeError(`image ${wrong} has label ${labels?.[wrong]}, but there are ${classes} classes`);
}

import type { Gpu } from "../../gpu/gpu.ts";
import { activationNames } from "../../model/activations.ts";
import { optimizerNames } from "../../model/optimizers.ts";
import { supportsForm } from "../form.ts";
import { augmentations, augmentCase } from "./augment-cases.ts";
import type { KernelCase } from "./case.ts";
import { headCase } from "./fused-cases.ts";
import { weightGradientCase } from "./gradient-cases.ts";
import { backwardCase, forwardCase } from "./layer-cases.ts";
import { batchMetricsCase, outputShapes, softmaxCase, softmaxCrossEntropyCase } from "./output-cases.ts";
import { backwardPartsCase, backwardUnrolledCase, forwardPartsCase, sumPartsCase } from "./parts-cases.ts";
import { layerShapes } from "./shapes.ts";
import { updateCase } from "./update-cases.ts";

/** Forms that take long to compile are checked on fewer shapes: the smallest, the article's, an odd one. */
const fewShapes = [layerShapes[0], layerShapes[2], layerShapes[3]];
const [, , , oddShape] = layerShapes;
/** Those of them that the unrolled form computes whole. */
const onePartShapes = [layerShapes[0], oddShape];

/** One block of five vectors and a half, which is more than one for each of a quad. */
const oneBlockShape = { batch: 9, inputs: 200, outputs: 22 };

const updates = ["update", "update_unrolled", "update_tiled"] as const;
const plainHead = { activation: "sigmoid", dropout: 0, labelSmoothing: 0 } as const;
const quadHead = { samples: 4, weights: "quad", summed: "nonzero" } as const;
const eachHead = { samples: 1, weights: "each", summed: "all" } as const;

/** The checks of all kernels that `gpu` can run. */
export function casesFor(gpu: Pick<Gpu, "device">): readonly KernelCase[] {
  return kernelCases.filter(({ kernel, form = kernel.endsWith("_unrolled") ? "unrolled" : "portable" }) =>
    supportsForm(gpu, form),
  );
}

/** Every kernel on every shape, and every variant of it on an odd one; kernel by kernel. */
export const kernelCases: readonly KernelCase[] = kernelByKernel([
  ...layerShapes.flatMap((shape) => [
    forwardCase("forward", shape, { kind: "bytes", activation: "sigmoid" }),
    forwardCase("forward", shape, { kind: "floats", activation: "identity" }),
    backwardCase("backward", shape),
    updateCase("update", shape, { kind: "bytes" }),
    updateCase("update", shape, { kind: "floats" }),
    weightGradientCase(shape, "bytes"),
    sumPartsCase(shape, { activation: "sigmoid" }, "nonzero", 4),
    sumPartsCase(shape, { activation: "sigmoid" }, "all", 4),
    headCase(shape, 10, { ...plainHead, ...quadHead }),
    headCase(shape, 3, { ...plainHead, ...eachHead }),
  ]),
  ...activationNames.flatMap((activation) => [
    forwardCase("forward", oddShape, { kind: "floats", activation, scale: 90 }),
    forwardCase("forward", oddShape, { kind: "floats", activation, dropout: 0.4 }),
    sumPartsCase(oddShape, { activation, dropout: 0 }, "all", 1),
    forwardCase("forward_unrolled", oddShape, { kind: "floats", activation, dropout: 0.4 }),
    headCase(oddShape, 10, { activation, dropout: 0.25, labelSmoothing: 0.1, ...quadHead }),
  ]),
  ...fewShapes.flatMap((shape) => [
    ...(["nonzero", "floats"] as const).flatMap((kind) => [
      updateCase("update_unrolled", shape, { kind }),
      forwardPartsCase("forward_unrolled", shape, kind),
    ]),
    ...(["bytes", "floats"] as const).flatMap((kind) => [
      updateCase("update_tiled", shape, { kind }),
      forwardPartsCase("forward_tiled", shape, kind),
    ]),
  ]),
  ...fewShapes.flatMap((shape) => [backwardUnrolledCase(shape), backwardPartsCase(shape)]),
  forwardPartsCase("forward_unrolled", oneBlockShape, "nonzero"),
  ...onePartShapes.flatMap((shape) => [
    forwardCase("forward_unrolled", shape, { kind: "nonzero", activation: "sigmoid" }),
    backwardCase("backward_unrolled", shape),
  ]),
  weightGradientCase(oddShape, "floats"),
  ...optimizerNames.flatMap((optimizer) =>
    updates.map((form) => updateCase(form, oddShape, { kind: "floats", optimizer })),
  ),
  ...(
    [
      { form: "update_unrolled", kind: "nonzero" },
      { form: "update_tiled", kind: "bytes" },
    ] as const
  ).flatMap(({ form, kind }) => [
    ...fewShapes.slice(0, 2).map((shape) => updateCase(form, shape, { kind, classes: 10 })),
    updateCase(form, oddShape, { kind, optimizer: "adam", classes: 3 }),
  ]),
  ...outputShapes.flatMap((shape) => [
    softmaxCase(shape),
    softmaxCrossEntropyCase(shape, 0),
    softmaxCrossEntropyCase(shape, 0.1),
  ]),
  ...augmentations.map(augmentCase),
  batchMetricsCase,
]);

/** Those of one kernel after each other, kernels in the order in which they first come. */
function kernelByKernel(cases: readonly KernelCase[]): KernelCase[] {
  const kernels = [...new Set(cases.map(({ kernel }) => kernel))];
  return kernels.flatMap((name) => cases.filter(({ kernel }) => kernel === name));
}

import type { Gpu } from "../../gpu/gpu.ts";
import { activationNames } from "../../model/activations.ts";
import { optimizerNames } from "../../model/optimizers.ts";
import { supports } from "../layer.ts";
import { portable } from "../portable.ts";
import { augmentations, augmentCase } from "./augment-cases.ts";
import type { KernelCase } from "./case.ts";
import { fusedClassifierCase } from "./fused-cases.ts";
import { weightGradientCase } from "./gradient-cases.ts";
import { backwardCase, forwardCase } from "./layer-cases.ts";
import { batchMetricsCase, outputShapes, softmaxCase, softmaxCrossEntropyCase } from "./output-cases.ts";
import { backwardPartialsCase, forwardPartialsCase } from "./partials-cases.ts";
import { layerShapes } from "./shapes.ts";
import { updateCase } from "./update-cases.ts";

/** Forms that take long to compile are checked on fewer shapes: the smallest, the article's, an odd one. */
const fewShapes = [layerShapes[0], layerShapes[2], layerShapes[3]];
const [, , , oddShape] = layerShapes;
/** One block of five vectors and a half, which is more than one for each of a quad. */
const oneBlockShape = { batch: 9, inputs: 200, outputs: 22 };

const formNames = ["portable", "unrolled", "tiled"] as const;
const plain = { activation: "sigmoid", dropout: 0, labelSmoothing: 0 } as const;

/** The checks of all kernels that `gpu` can run. */
export function casesFor(gpu: Pick<Gpu, "device">): readonly KernelCase[] {
  return kernelCases.filter(({ form = portable }) => supports(gpu, form));
}

/** Every kernel on every shape, and every variant of it on an odd one; kernel by kernel. */
export const kernelCases: readonly KernelCase[] = kernelByKernel([
  ...layerShapes.flatMap((shape) => [
    forwardCase("portable", shape, { kind: "bytes", activation: "sigmoid" }),
    forwardCase("portable", shape, { kind: "floats", activation: "identity" }),
    backwardCase("portable", shape),
    updateCase("portable", shape, { kind: "bytes" }),
    updateCase("portable", shape, { kind: "floats" }),
    weightGradientCase(shape, "bytes"),
    forwardPartialsCase(shape, { activation: "sigmoid" }, 4),
    fusedClassifierCase(shape, 10, { ...plain, form: "unrolled" }),
    fusedClassifierCase(shape, 3, { ...plain, form: "tiled" }),
  ]),
  ...activationNames.flatMap((activation) => [
    forwardCase("portable", oddShape, { kind: "floats", activation, scale: 90 }),
    forwardCase("portable", oddShape, { kind: "floats", activation, dropout: 0.4 }),
    forwardPartialsCase(oddShape, { activation, dropout: 0 }, 1),
    forwardCase("unrolled", oddShape, { kind: "floats", activation, dropout: 0.4 }),
    fusedClassifierCase(oddShape, 10, { activation, dropout: 0.25, labelSmoothing: 0.1, form: "unrolled" }),
  ]),
  ...fewShapes.flatMap((shape) => [
    ...(["nonzero", "floats"] as const).flatMap((kind) => [
      updateCase("unrolled", shape, { kind }),
      forwardCase("unrolled", shape, { kind, activation: "sigmoid" }),
    ]),
    ...(["bytes", "floats"] as const).flatMap((kind) => [
      updateCase("tiled", shape, { kind }),
      forwardCase("tiled", shape, { kind, activation: "sigmoid" }),
    ]),
  ]),
  ...fewShapes.flatMap((shape) => [backwardCase("unrolled", shape), backwardPartialsCase(shape)]),
  forwardCase("unrolled", oneBlockShape, { kind: "nonzero", activation: "sigmoid" }),
  weightGradientCase(oddShape, "floats"),
  ...optimizerNames.flatMap((optimizer) =>
    formNames.map((form) => updateCase(form, oddShape, { kind: "floats", optimizer })),
  ),
  ...(
    [
      { form: "unrolled", kind: "nonzero" },
      { form: "tiled", kind: "bytes" },
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

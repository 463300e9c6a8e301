import type { Gpu } from "../../gpu/gpu.ts";
import { activationNames } from "../../model/activations.ts";
import { optimizerNames } from "../../model/optimizers.ts";
import { type FormName, forms } from "../forms.ts";
import { supports } from "../layer.ts";
import { portable } from "../portable.ts";
import { augmentations, augmentCase } from "./augment-cases.ts";
import type { KernelCase } from "./case.ts";
import { fusedClassifierCase } from "./fused-cases.ts";
import { weightGradientCase } from "./gradient-cases.ts";
import { backwardCase, forwardCase } from "./layer-cases.ts";
import { batchMetricsCases, outputShapes, softmaxCase, softmaxCrossEntropyCase } from "./output-cases.ts";
import { backwardPartialsCase, forwardPartialsCase } from "./partials-cases.ts";
import { layerShapes } from "./shapes.ts";
import { updateCase } from "./update-cases.ts";

/** Forms that take long to compile are checked on fewer shapes: the smallest, the article's, an odd one. */
const fewShapes = [layerShapes[0], layerShapes[2], layerShapes[3]];
const [, , , oddShape] = layerShapes;
/** One block of five vectors and a half, which is more than one for each of a quad. */
const oneBlockShape = { batch: 9, inputs: 200, outputs: 22 };

/** Shapes for which the tiled form takes its large tiles, or cuts the sum of backward into slices. */
const tiledCases = [
  forwardCase(
    "tiled",
    { batch: 70, inputs: 13, outputs: 4090 },
    { kind: "floats", activation: "tanh", dropout: 0.4 },
  ),
  backwardCase("tiled", { batch: 70, inputs: 4090, outputs: 22 }),
  backwardCase("tiled", { batch: 5, inputs: 9, outputs: 1100 }),
  updateCase("tiled", { batch: 70, inputs: 70, outputs: 4090 }, { kind: "bytes", optimizer: "momentum" }),
];
/** A batch of which the tiled fused classifier computes several samples in a workgroup. */
const manySamples = { batch: 1030, inputs: 5, outputs: 9 };

const formNames = Object.keys(forms) as FormName[];
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
    forwardPartialsCase(shape, { activation: "sigmoid" }, { samples: 4, together: 1 }),
    fusedClassifierCase(shape, 10, { ...plain, form: "unrolled" }),
    fusedClassifierCase(shape, 3, { ...plain, form: "tiled" }),
  ]),
  ...activationNames.flatMap((activation) => [
    forwardCase("portable", oddShape, { kind: "floats", activation, scale: 90 }),
    forwardCase("portable", oddShape, { kind: "floats", activation, dropout: 0.4 }),
    forwardPartialsCase(oddShape, { activation, dropout: 0 }, { samples: 1, together: 2 }),
    forwardCase("unrolled", oddShape, { kind: "floats", activation, dropout: 0.4 }),
    fusedClassifierCase(oddShape, 10, { activation, dropout: 0.25, labelSmoothing: 0.1, form: "unrolled" }),
  ]),
  ...fewShapes.flatMap((shape) => [
    ...(["nonzero", "floats"] as const).flatMap((kind) => [
      updateCase("unrolled", shape, { kind }),
      forwardCase("unrolled", shape, { kind, activation: "sigmoid" }),
    ]),
    updateCase("tiled", shape, { kind: "bytes" }),
    forwardCase("tiled", shape, { kind: "bytes", activation: "sigmoid" }),
  ]),
  ...fewShapes.flatMap((shape) => [
    backwardCase("unrolled", shape),
    backwardCase("tiled", shape),
    backwardPartialsCase(shape, 1),
    backwardPartialsCase(shape, 2),
  ]),
  ...tiledCases,
  forwardCase("tiled", oddShape, { kind: "floats", activation: "sigmoid" }),
  fusedClassifierCase(manySamples, 3, { ...plain, dropout: 0.25, form: "tiled" }),
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
  ...batchMetricsCases,
]);

/** Those of one kernel after each other, kernels in the order in which they first come. */
function kernelByKernel(cases: readonly KernelCase[]): KernelCase[] {
  const kernels = [...new Set(cases.map(({ kernel }) => kernel))];
  return kernels.flatMap((name) => cases.filter(({ kernel }) => kernel === name));
}

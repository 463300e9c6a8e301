import type { KernelCase } from "./case.ts";
import { headCase } from "./head-cases.ts";
import { backwardCase, forwardCase, updateCase } from "./layer-cases.ts";
import { batchMetricsCase, outputShapes, softmaxCase, softmaxCrossEntropyCase } from "./output-cases.ts";
import { forwardPartsCase, sumPartsCase } from "./parts-cases.ts";
import { layerShapes } from "./shapes.ts";

/** Forms that take long to compile are checked on fewer shapes: the smallest, the article's, an odd one. */
const fewShapes = [layerShapes[0], layerShapes[2], layerShapes[3]];

/** Every kernel on every shape. */
export const kernelCases: readonly KernelCase[] = [
  ...layerShapes.flatMap((shape) => [
    forwardCase(shape, "bytes", "sigmoid", 1),
    forwardCase(shape, "floats", "identity", 1),
    forwardCase(shape, "floats", "sigmoid", 90),
    backwardCase(shape, "sigmoid"),
    backwardCase(shape, "identity"),
    updateCase("update", shape, "bytes"),
    updateCase("update", shape, "floats"),
    sumPartsCase(shape),
    headCase(shape, 10),
    headCase(shape, 3),
  ]),
  ...fewShapes.flatMap((shape) =>
    (["bytes", "floats"] as const).flatMap((kind) => [
      updateCase("update_unrolled", shape, kind),
      updateCase("update_tiled", shape, kind),
      forwardPartsCase("forward_unrolled", shape, kind),
      forwardPartsCase("forward_tiled", shape, kind),
    ]),
  ),
  ...outputShapes.flatMap((shape) => [softmaxCase(shape), softmaxCrossEntropyCase(shape)]),
  batchMetricsCase,
];

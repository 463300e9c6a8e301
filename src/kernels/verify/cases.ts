import type { KernelCase } from "./case.ts";
import { headCase } from "./head-cases.ts";
import { backwardCase, forwardCase, updateCase } from "./layer-cases.ts";
import { batchMetricsCase, outputShapes, softmaxCase, softmaxCrossEntropyCase } from "./output-cases.ts";
import { forwardPartsCase, sumPartsCase } from "./parts-cases.ts";
import { layerShapes } from "./shapes.ts";

/** Forms whose text depends on the shape: compiling it takes longest, so that they are checked on fewer shapes. */
const unrolledShapes = layerShapes.slice(0, 4);

/** Every kernel on every shape. */
export const kernelCases: readonly KernelCase[] = [
  ...layerShapes.flatMap((shape) => [
    forwardCase(shape, "bytes", "sigmoid", 1),
    forwardCase(shape, "floats", "identity", 1),
    forwardCase(shape, "floats", "sigmoid", 90),
    backwardCase(shape, "sigmoid"),
    backwardCase(shape, "identity"),
    ...(["bytes", "floats"] as const).flatMap((kind) => [
      updateCase("update", shape, kind),
      updateCase("update_tiled", shape, kind),
      forwardPartsCase("forward_tiled", shape, kind),
    ]),
    sumPartsCase(shape),
    headCase(shape, 10),
    headCase(shape, 3),
  ]),
  ...unrolledShapes.flatMap((shape) =>
    (["bytes", "floats"] as const).flatMap((kind) => [
      updateCase("update_unrolled", shape, kind),
      forwardPartsCase("forward_unrolled", shape, kind),
    ]),
  ),
  ...outputShapes.flatMap((shape) => [softmaxCase(shape), softmaxCrossEntropyCase(shape)]),
  batchMetricsCase,
];

import type { ImageShape } from "../data/dataset.ts";
import type { StepSettings } from "../model/settings.ts";
import { nodeScale } from "../reference/elastic.ts";
import type { LayerInput } from "./lib/input.ts";
import { vectors } from "./lib/layout.ts";
import type { KernelCall } from "./lib/library.ts";
import { dropoutConstants } from "./lib/outputs.ts";

/** The images `[rows, columns]` of up to `batch` samples, transformed anew in every step, as floats into `inputs`. */
export function augment(
  { rows, columns }: ImageShape,
  settings: Pick<StepSettings, "shift" | "rotation" | "scale" | "shear" | "elastic" | "inputDropout">,
  batch: number,
  images: LayerInput,
  inputs: GPUBuffer,
): KernelCall {
  const { shift, rotation, scale, shear, elastic, inputDropout } = settings;
  const strengths = {
    ANGLE: (rotation * Math.PI) / 180,
    SHIFT: shift,
    SCALE: scale,
    SHEAR: shear,
    ELASTIC_SCALE: elastic * nodeScale,
    ...dropoutConstants(inputDropout),
  };
  return {
    name: "augment",
    constants: { INPUT_VECTORS: vectors(rows * columns), ROWS: rows, COLUMNS: columns, ...strengths },
    ofEachNetwork: Object.keys(strengths),
    buffers: { ...images.buffers, inputs },
    invocations: batch * rows * Math.ceil(columns / 4),
  };
}

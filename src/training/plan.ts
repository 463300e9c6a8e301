import { imageSize, type Split } from "../data/dataset.ts";
import { checkSize } from "../gpu/memory.ts";
import { type Arrangement, plainArrangement, sparseArrangement } from "../kernels/arrangement.ts";
import { backwardPartsUnrolled } from "../kernels/backward-unrolled.ts";
import type { KernelForm } from "../kernels/form.ts";
import { partsTiled } from "../kernels/forward-tiled.ts";
import { partsUnrolled } from "../kernels/forward-unrolled.ts";
import type { HeadSharing } from "../kernels/fused-classifier.ts";
import {
  type LayerLayout,
  type ParameterLayout,
  parameterLayout,
  vectors,
  vectorWidth,
} from "../kernels/layout.ts";
import { networkName, type Sizes } from "../model/parameters.ts";
import type { StepSettings } from "../model/settings.ts";
import { changesImages } from "../reference/augment.ts";

/*
 * The planner: what is decided by shapes, once the adapter has decided for a form. What was measured for it is in
 * docs/performance.md.
 */

/** The fewest weights of a layer for which compiling unrolled text pays, and the most bytes that its sums may take. */
const leastUnrolled = 4096;
const mostPartialBytes = 128 << 20;

/** The widest hidden layer that `head` takes on: beyond it, a dispatch for each of its pieces is no slower, and spreads the work. */
const widestHead = { portable: 0, unrolled: 512, tiled: 32 } as const;

/**
 * Who shares what is loaded, in `forward_partials` and in `head`: where loads are dear several samples and the four of a quad, a GPU
 * needs invocations.
 */
export const sharing = {
  portable: { samples: 1, weights: "each" },
  unrolled: { samples: 4, weights: "quad" },
  tiled: { samples: 1, weights: "each" },
} as const satisfies Record<KernelForm, HeadSharing>;

/** The form in which each layer is computed, if `wanted` is the one that suits the adapter. */
export function planForms({ layers }: ParameterLayout, wanted: KernelForm, batch: number): KernelForm[] {
  return layers.map((layer, index) => {
    const small = wanted === "unrolled" && layer.inputs * layer.outputs < leastUnrolled;
    const tooLarge = batch * sampleBytes(layer, wanted, batch, index > 0) > mostPartialBytes;
    return small || tooLarge ? "portable" : wanted;
  });
}

/** The most bytes that one sample takes in any buffer of a workspace for batches of `batch`. */
export function largestSampleBytes(
  { layers }: ParameterLayout,
  forms: readonly KernelForm[],
  batch: number,
  training: boolean,
): number {
  return Math.max(
    ...layers.map((layer, index) => sampleBytes(layer, forms[index], batch, training && index > 0)),
  );
}

/** Bytes that a sample takes in the largest buffer that a layer puts out, on the way there and, if it comes, back. */
export function sampleBytes(layer: LayerLayout, form: KernelForm, batch: number, comesBack: boolean): number {
  const forward = (form === "portable" ? 1 : partsOf(form, layer, batch)) * layer.outputVectors;
  const back = comesBack && form === "unrolled" ? backwardPartsUnrolled(layer) * layer.inputVectors : 0;
  return Math.max(forward, back) * vectorWidth * Float32Array.BYTES_PER_ELEMENT;
}

/**
 * How images are to lie on the GPU: the unrolled form of the first layer leaves out what is blank, as much of it as can be,
 * unless training images are made anew in every step, pixel by pixel.
 */
export function planArrangement(
  [first]: readonly KernelForm[],
  settings: StepSettings,
  train: Split,
): Arrangement | undefined {
  if (first !== "unrolled") return undefined;
  return changesImages(settings) ? plainArrangement(imageSize(train)) : sparseArrangement(train);
}

/** Whether `head` takes on the last hidden layer and the output layer. */
export function planHead({ layers }: ParameterLayout, forms: readonly KernelForm[]): boolean {
  const hidden = layers.at(-2);
  return hidden !== undefined && hidden.outputs <= widestHead[forms.at(-2) ?? "portable"];
}

/** The parts in which a layer's sums are left. */
export function partsOf(form: KernelForm, layer: LayerLayout, batch: number): number {
  return form === "tiled" ? partsTiled(layer, batch) : partsUnrolled(layer);
}

/** Throws a UserError naming the limit if a network of `sizes` cannot be trained with batches of `batchSize`. */
export function checkLimits(limits: GPUSupportedLimits, sizes: Sizes, batchSize: number): void {
  const layout = parameterLayout(sizes);
  checkSize(limits, `A network ${networkName(sizes)}`, layout.bytes);
  for (const { outputs } of layout.layers) {
    checkSize(
      limits,
      `A layer of ${outputs} at batch size ${batchSize}`,
      batchSize * vectors(outputs) * vectorWidth * 4,
    );
  }
}

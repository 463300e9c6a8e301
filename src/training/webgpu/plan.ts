import { checkSize } from "../../gpu/memory.ts";
import { fuseClassifier } from "../../kernels/fused/fused.ts";
import type { LayerForm, TrainedLayer } from "../../kernels/layer.ts";
import {
  imageBytes,
  type ParameterLayout,
  parameterLayout,
  rowBytes,
  vectorBytes,
} from "../../kernels/lib/layout.ts";
import type { KernelCall } from "../../kernels/lib/library.ts";
import { type LossBuffers, softmaxCrossEntropy } from "../../kernels/loss.ts";
import { portable } from "../../kernels/portable.ts";
import { networkName, type Sizes } from "../../model/parameters.ts";
import type { Config } from "../../model/settings.ts";
import { type Augmentation, changesImages } from "../../reference/augment.ts";

/*
 * The planner: what is decided by shapes, once the adapter has decided for a form. What was measured for it is in
 * docs/performance.md.
 */

/** The most bytes that a layer's partial sums may take, unless its results take as many: those of a product in one piece do. */
const mostPartialBytes = 128 << 20;

/** The form in which each layer is computed, if `wanted` is the one that suits the adapter. */
export function planForms({ layers }: ParameterLayout, wanted: LayerForm, batch: number): LayerForm[] {
  return layers.map((layer, index) => {
    const small = layer.inputs * layer.outputs < wanted.leastWeights;
    const partialBytes = batch * vectorBytes * wanted.partialVectors(layer, batch, index > 0);
    const tooLarge = partialBytes > Math.max(mostPartialBytes, batch * rowBytes(layer.outputs));
    return small || tooLarge ? portable : wanted;
  });
}

/** How the loss and its gradient are computed: by a kernel of their own, or fused with the layers around them where that pays. */
export function planClassifier(
  layers: readonly TrainedLayer[],
  loss: LossBuffers,
  { maxStorageBuffersPerShaderStage: mostBuffers }: GPUSupportedLimits,
): { layers: readonly TrainedLayer[]; lossGradient: KernelCall } {
  const hidden = layers.at(-2);
  const output = layers[layers.length - 1];
  const fusion = hidden?.form.fusion;
  if (hidden && fusion?.pays(hidden.layout, output.layout))
    return fuseClassifier(layers, fusion, loss, mostBuffers);
  return { layers, lossGradient: softmaxCrossEntropy(output, output.gradient, loss) };
}

/** The most bytes that one sample takes in any buffer, its image's too, where batches of `batch` are computed forward. */
export function largestSampleBytes(
  { layers }: ParameterLayout,
  forms: readonly LayerForm[],
  batch: number,
): number {
  const bytes = layers.map((layer, index) =>
    Math.max(rowBytes(layer.outputs), vectorBytes * forms[index].partialVectors(layer, batch, false)),
  );
  return Math.max(imageBytes(layers[0].inputs), ...bytes);
}

/** Throws a UserError naming the limit if a network of `sizes` cannot be trained with mini-batches of that size and kind. */
export function checkLimits(
  limits: GPUSupportedLimits,
  sizes: Sizes,
  { batchSize, ...augmentation }: Pick<Config, "batchSize"> & Augmentation,
): void {
  const layout = parameterLayout(sizes);
  checkSize(limits, `A network ${networkName(sizes)}`, layout.bytes);
  const images = `A mini-batch of ${batchSize} images of ${sizes[0]} pixels`;
  // Images that training changes are numbers, others bytes.
  const bytes = changesImages(augmentation) ? rowBytes(sizes[0]) : imageBytes(sizes[0]);
  checkSize(limits, images, batchSize * bytes);
  for (const { outputs } of layout.layers) {
    checkSize(limits, `A layer of ${outputs} at batch size ${batchSize}`, batchSize * rowBytes(outputs));
  }
}

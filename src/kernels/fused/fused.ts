import type { Fusion, LayerForm, TrainedLayer } from "../layer.ts";
import { layerConstants, rowVectors } from "../lib/layout.ts";
import type { KernelCall } from "../lib/library.ts";
import { outputsOf } from "../lib/outputs.ts";
import type { LossBuffers } from "../loss.ts";

/*
 * What is fused across layers: a step of a network with one hidden layer is three dispatches, where each costs as much as
 * the arithmetic of a narrow layer.
 */

/**
 * The last two of `layers`, so that one dispatch does all that lies between the partial sums of the hidden one and its
 * gradient, loss included, and, if it can bind so many buffers, another one updates both.
 */
export function fuseClassifier(
  layers: readonly TrainedLayer[],
  fusion: Fusion,
  loss: LossBuffers,
  mostBuffers: number,
): { layers: TrainedLayer[]; lossGradient: KernelCall } {
  const [hidden, output] = layers.slice(-2);
  const { call, slices } = fusion.sums(hidden);
  const update = fusion.update(hidden, output);
  const fits = Object.keys(update.buffers).length <= mostBuffers;
  // What the two dispatches do is left out of what the layers' forms do.
  const hiddenForm: LayerForm = { ...hidden.form, forward: () => [call] };
  const outputForm: LayerForm = { ...output.form, forward: () => [], backward: () => [] };
  return {
    layers: [
      ...layers.slice(0, -2),
      { ...hidden, form: fits ? { ...hiddenForm, update: () => [update] } : hiddenForm },
      { ...output, form: fits ? { ...outputForm, update: () => [] } : outputForm },
    ],
    lossGradient: fusedClassifier(hidden, output, slices, fusion, loss),
  };
}

/**
 * From the partial sums of the last hidden layer through the output layer and the loss to the gradients of both layers:
 * `forward_partials`, `forward`, `softmax_cross_entropy` and `backward` in one dispatch.
 */
export function fusedClassifier(
  hidden: TrainedLayer,
  output: Pick<TrainedLayer, "layout" | "gradient">,
  slices: number,
  { samples, weights }: Pick<Fusion, "samples" | "weights">,
  { order, labels, labelSmoothing, sampleMetrics }: LossBuffers,
): KernelCall {
  const { layout, batch, parameters, partials, does, outputs } = hidden;
  const result = outputsOf(layout, does);
  return {
    name: "fused_classifier",
    variants: {
      ...result.variants,
      WEIGHTS: weights,
      SAMPLES: String(samples),
      CLASS_VECTORS: String(output.layout.outputVectors),
    },
    constants: {
      ...layerConstants(layout),
      ...result.constants,
      SLICES: slices,
      OUTPUT_LAYER_OFFSET: output.layout.offset,
      CLASSES: output.layout.outputs,
      LABEL_SMOOTHING: labelSmoothing,
    },
    buffers: {
      ...result.buffers,
      partials,
      parameters,
      order,
      labels,
      activations: outputs,
      gradient: output.gradient,
      sample_metrics: sampleMetrics,
    },
    invocations: Math.ceil(batch / samples),
  };
}

/**
 * What the update of a hidden layer, of `invocations`, whole workgroups, needs to be one of the output layer behind it too, if
 * one is given: the variant, constants and buffers of `fused_update_*.wgsl`, and all invocations.
 */
export function fusedUpdateOf(output: TrainedLayer | undefined, invocations: number) {
  if (!output) return { variants: { FUSED: "none" }, constants: {}, buffers: {}, invocations };
  const { layout, input, gradient } = output;
  return {
    variants: { FUSED: "output", CLASS_VECTORS: String(layout.outputVectors) },
    constants: { OUTPUT_LAYER_FIRST: invocations, OUTPUT_LAYER_OFFSET: layout.offset },
    buffers: { activations: input.buffers.inputs, output_gradient: gradient },
    invocations: invocations + rowVectors(layout),
  };
}

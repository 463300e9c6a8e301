import type { Fusion, LayerForm, OutputLayer, TrainedLayer } from "../layer.ts";
import { layerConstants } from "../lib/layout.ts";
import type { KernelCall } from "../lib/library.ts";
import { outputsOf } from "../lib/outputs.ts";
import type { LossBuffers } from "../loss.ts";
import { partialVariants } from "../split-k/split-k.ts";

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
    lossGradient: fusion.classifier(hidden, output, slices, loss),
  };
}

/** What the fused classifier of any form is filled with. */
export function classifierOf(
  { layout, parameters, partials, does, outputs }: TrainedLayer,
  output: OutputLayer,
  slices: number,
  { order, labels, labelSmoothing, sampleMetrics }: LossBuffers,
) {
  const result = outputsOf(layout, does);
  return {
    variants: { ...result.variants, CLASS_VECTORS: String(output.layout.outputVectors) },
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
  };
}

/** Samples that one invocation of the fused classifier computes: they share loads, which are dear where it is used. */
const samples = 4;

/** `forward_partials`, `forward`, `softmax_cross_entropy` and `backward` in one dispatch. Needs `subgroups`. */
export function fusedClassifier(
  ...[hidden, output, slices, loss]: Parameters<Fusion["classifier"]>
): KernelCall {
  const classifier = classifierOf(hidden, output, slices, loss);
  return {
    ...classifier,
    name: "fused_classifier",
    variants: { ...classifier.variants, ...partialVariants(slices, samples, 1) },
    invocations: Math.ceil(hidden.batch / samples),
  };
}

/**
 * What the update of a hidden layer needs to be one of the output layer behind it too, if one is given: the variant, constants
 * and buffers of `fused_update_*.wgsl`.
 * @param first where the output layer begins, behind the hidden one: the invocation, in the tiled form the workgroup
 */
export function fusedUpdateOf(
  output: TrainedLayer | undefined,
  first: number,
  form: "output" | "output_tiled",
) {
  if (!output) return { variants: { FUSED: "none" }, constants: {}, buffers: {} };
  const { layout, input, gradient } = output;
  return {
    variants: { FUSED: form, CLASS_VECTORS: String(layout.outputVectors) },
    constants: { OUTPUT_LAYER_FIRST: first, OUTPUT_LAYER_OFFSET: layout.offset },
    buffers: { activations: input.buffers.inputs, output_gradient: gradient },
  };
}

import type { Layer, LayerForm, TrainedLayer } from "./layer.ts";
import { placeImages } from "./lib/images.ts";
import { inputOf, type LayerInput } from "./lib/input.ts";
import { type LayerLayout, layerConstants, rowVectors, vectors } from "./lib/layout.ts";
import type { KernelCall } from "./lib/library.ts";
import { outputsOf } from "./lib/outputs.ts";
import { optimizerStepOf } from "./optimizers/optimizer-step.ts";

/** One small register tile an invocation: right everywhere, and the form to read first. */
export const portable: LayerForm = {
  leastWeights: 0,
  imagesLike: () => placeImages,
  partialVectors: () => 0,
  forward: (layer) => [forward(layer)],
  backward: (layer, previousGradient) => [backward(layer, previousGradient)],
  update: (layer) => [update(layer)],
};

/** What this form needs of a layer. */
export type SimpleLayer = Omit<Layer, "form" | "partials">;

/** A = activation(X · Wᵀ + b). */
export function forward({ layout, batch, parameters, input, does, outputs }: SimpleLayer): KernelCall {
  const source = inputOf(input);
  const result = outputsOf(layout, does);
  return {
    name: "forward",
    variants: { ...source.variants, ...result.variants },
    constants: { ...layerConstants(layout), ...result.constants },
    buffers: { ...source.buffers, ...result.buffers, parameters, outputs },
    invocations: layout.outputVectors * vectors(batch),
  };
}

/** dZ_previous = (dZ · W) ⊙ derivatives. */
export function backward(
  { layout, batch, parameters, gradient }: SimpleLayer & Pick<TrainedLayer, "gradient">,
  previous_gradient: GPUBuffer,
): KernelCall {
  return {
    name: "backward",
    constants: layerConstants(layout),
    buffers: { gradient, parameters, previous_gradient },
    invocations: layout.inputVectors * vectors(batch),
  };
}

/** One optimizer step, in place in `parameters`, along the gradients dZᵀ·X and the column sums of dZ. */
function update({ layout, parameters, input, gradient, optimizer }: TrainedLayer): KernelCall {
  const source = inputOf(input);
  const step = optimizerStepOf(optimizer);
  return {
    name: "update",
    variants: { ...source.variants, ...step.variants, THEN: "optimizer_step" },
    constants: { ...layerConstants(layout), ...step.constants },
    buffers: { ...source.buffers, ...step.buffers, gradient, parameters },
    invocations: layout.outputVectors * rowVectors(layout),
  };
}

/** The gradients dZᵀ·X and the column sums of dZ themselves, into `gradients`, which is laid out like the parameters. */
export function weightGradient(
  layout: LayerLayout,
  input: LayerInput,
  { gradient, gradients }: { gradient: GPUBuffer; gradients: GPUBuffer },
): KernelCall {
  const source = inputOf(input);
  return {
    name: "update",
    variants: { ...source.variants, THEN: "gradient_alone" },
    constants: layerConstants(layout),
    buffers: { ...source.buffers, gradient, parameters: gradients },
    invocations: layout.outputVectors * rowVectors(layout),
  };
}

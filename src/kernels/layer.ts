import type { Split } from "../data/dataset.ts";
import type { Gpu } from "../gpu/gpu.ts";
import type { PlaceImages } from "./lib/images.ts";
import type { LayerInput } from "./lib/input.ts";
import type { LayerLayout } from "./lib/layout.ts";
import type { KernelCall } from "./lib/library.ts";
import type { LayerOutputs } from "./lib/outputs.ts";
import type { LossBuffers } from "./loss.ts";
import type { OptimizerStep } from "./optimizers/optimizer-step.ts";

/**
 * A layer in its place: its shape, what it does, and the buffers by which it computes up to `batch` samples. Rows of all
 * matrices are padded with zeros to whole vectors.
 */
export interface Layer {
  readonly form: LayerForm;
  readonly layout: LayerLayout;
  readonly batch: number;
  readonly parameters: GPUBuffer;
  /** X `[batch, inputs]`. */
  readonly input: LayerInput;
  readonly does: LayerOutputs;
  /** A `[batch, outputs]`; of the last layer the logits. */
  readonly outputs: GPUBuffer;
  /** Room for the partial sums of one layer at a time. */
  readonly partials: GPUBuffer;
}

/** A layer that learns. */
export interface TrainedLayer extends Layer {
  /** dZ `[batch, outputs]`; of a hidden layer the activation derivatives until the way back. */
  readonly gradient: GPUBuffer;
  readonly optimizer: OptimizerStep;
}

/**
 * A form in which layers are computed. All compute the same and are checked against the same reference: what they differ in
 * is what is cheap on an adapter. The planner (`training/webgpu/plan.ts`) gives each layer its form; nobody else asks which it is.
 */
export interface LayerForm {
  /** The feature without which an adapter cannot run it. */
  readonly needs?: GPUFeatureName;
  /** The fewest weights of a layer for which it pays; smaller ones are left to the portable form. */
  readonly leastWeights: number;
  /** How images are to lie on the GPU if this form reads them, in whatever order suits images like those of `train`. */
  imagesLike(train: Split): PlaceImages;
  /** Vectors of `partials` that a sample takes in a batch of `batch`: on the way forward and, if the layer sends one, back. */
  partialVectors(layout: LayerLayout, batch: number, back: boolean): number;
  /** X -> A; in training a hidden layer leaves its activation derivatives where its dZ is going to be. */
  forward(layer: Layer): KernelCall[];
  /** dZ -> that of the layer before `[batch, inputs]`, in place of that layer's activation derivatives. */
  backward(layer: TrainedLayer, previousGradient: GPUBuffer): KernelCall[];
  /** dZ and X -> new parameters. */
  update(layer: TrainedLayer): KernelCall[];
  /** How the layer takes part in `fused/`; not given: it does not. */
  readonly fusion?: Fusion;
}

/** How the last hidden layer and the output layer behind it are computed together in training. */
export interface Fusion {
  /** Whether that pays. */
  pays(hidden: LayerLayout, output: LayerLayout): boolean;
  /** X · Wᵀ of the hidden layer as partial sums, in how many slices. */
  sums(hidden: Layer): { readonly call: KernelCall; readonly slices: number };
  /** From the partial sums through the output layer and the loss to the gradients of both layers. */
  classifier(hidden: TrainedLayer, output: OutputLayer, slices: number, loss: LossBuffers): KernelCall;
  /** The updates of both, in one dispatch. */
  update(hidden: TrainedLayer, output: TrainedLayer): KernelCall;
}

/** What the fused classifier needs of the output layer. */
export type OutputLayer = Pick<TrainedLayer, "layout" | "gradient">;

/** Whether `gpu` can run `form`. */
export function supports({ device }: Pick<Gpu, "device">, { needs }: LayerForm): boolean {
  return needs === undefined || device.features.has(needs);
}

import { augment } from "../kernels/augment.ts";
import type { TrainedLayer } from "../kernels/layer.ts";
import { placeImages } from "../kernels/lib/images.ts";
import { floats } from "../kernels/lib/input.ts";
import { rowBytes } from "../kernels/lib/layout.ts";
import type { KernelCall } from "../kernels/lib/library.ts";
import { sampleMetricsBytes } from "../kernels/loss.ts";
import type { OptimizerStep } from "../kernels/optimizers/optimizer-step.ts";
import { changesImages } from "../reference/augment.ts";
import { backwardPass, forwardPass, type Network, placeTrainedLayers } from "./network.ts";
import { planClassifier } from "./plan.ts";
import { type Placement, placeSamples, type Samples } from "./samples.ts";

/** What a training step consists of. */
export interface StepPlan {
  /** Images -> what the first layer reads, if that is not the images as they are. */
  readonly augment: readonly KernelCall[];
  readonly layers: readonly TrainedLayer[];
  /** What the last layer puts out, and labels -> loss, and the gradient to begin the way back with. */
  readonly lossGradient: KernelCall;
}

/** The commands of one training step. */
export function trainingStep({ augment, layers, lossGradient }: StepPlan): KernelCall[] {
  return [
    ...augment,
    ...forwardPass(layers),
    lossGradient,
    ...backwardPass(layers),
    ...layers.flatMap((layer) => layer.form.update(layer)),
  ];
}

/** Puts what training needs into the network's memory, and plans its step. */
export function planTraining(network: Network, placement: Placement, optimizer: OptimizerStep) {
  const { memory, settings } = network;
  const { batchSize } = placement;
  const augments = changesImages(settings);
  const samples = placeSamples(memory, placement, augments ? placeImages : network.placeImages);
  const { order, labels, span } = samples;
  const sampleMetrics = memory.storage("metrics of samples", span * sampleMetricsBytes);
  const loss = { order, labels, sampleMetrics, labelSmoothing: settings.labelSmoothing };
  const { input, calls } = augments
    ? augmented(network, samples, placement)
    : { input: samples.input, calls: [] };
  const layers = placeTrainedLayers(network, batchSize, input, optimizer);
  const plan: StepPlan = { augment: calls, ...planClassifier(layers, loss, memory.device.limits) };
  return { samples, loss, plan };
}

/** Images that are transformed anew in every step. */
function augmented({ memory, settings }: Network, { input }: Samples, { train, batchSize }: Placement) {
  const inputs = memory.storage("augmented images", batchSize * rowBytes(train.rows * train.columns));
  return { input: floats(inputs), calls: [augment(train, settings, batchSize, input, inputs)] };
}

import type { Split } from "../../data/dataset.ts";
import { augment } from "../../kernels/augment.ts";
import type { TrainedLayer } from "../../kernels/layer.ts";
import { placeImages } from "../../kernels/lib/images.ts";
import { floats } from "../../kernels/lib/input.ts";
import { rowBytes } from "../../kernels/lib/layout.ts";
import type { KernelCall } from "../../kernels/lib/library.ts";
import { sampleMetricsBytes } from "../../kernels/loss.ts";
import type { OptimizerStep } from "../../kernels/optimizers/optimizer-step.ts";
import type { StepSettings } from "../../model/settings.ts";
import {
  allocateLayers,
  backwardPass,
  forwardPass,
  type LayerRoom,
  type Network,
  placeTrainedLayers,
} from "./network.ts";
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

/** What training needs in the networks' memory. */
export interface TrainingRoom {
  readonly samples: Samples;
  readonly sampleMetrics: GPUBuffer;
  /** Where augmented images go, if images are transformed. */
  readonly augmented: GPUBuffer | undefined;
  readonly layers: LayerRoom;
}

/** Puts what training needs into the networks' memory. */
export function placeTraining(network: Network, placement: Placement, augments: boolean): TrainingRoom {
  const { memory } = network;
  const { train, batchSize } = placement;
  const samples = placeSamples(memory, placement, augments ? placeImages : network.placeImages);
  const augmentedBytes = batchSize * rowBytes(train.rows * train.columns);
  return {
    samples,
    sampleMetrics: memory.storageOfEach("metrics of samples", samples.span * sampleMetricsBytes),
    augmented: augments ? memory.storageOfEach("augmented images", augmentedBytes) : undefined,
    layers: allocateLayers(network, "training", batchSize, true),
  };
}

/** Plans the step of a network that is trained by `settings`. */
export function planStep(
  network: Network,
  { samples, sampleMetrics, augmented, layers: room }: TrainingRoom,
  { rows, columns }: Pick<Split, "rows" | "columns">,
  settings: StepSettings,
  slots: OptimizerStep["slots"],
): StepPlan {
  const { input, order, labels } = samples;
  const { labelSmoothing, hiddenDropout } = settings;
  const read = augmented ? floats(augmented) : input;
  const layers = placeTrainedLayers(network, room, read, { settings, slots }, hiddenDropout);
  const loss = { order, labels, sampleMetrics, labelSmoothing };
  return {
    augment: augmented ? [augment({ rows, columns }, settings, room.batch, input, augmented)] : [],
    ...planClassifier(layers, loss, network.memory.device.limits),
  };
}

import type { FloatArray } from "../../model/parameters.ts";
import type { Config } from "../../model/settings.ts";
import { activations } from "../../reference/activations.ts";
import { backward } from "../../reference/backward.ts";
import type { ShownStep } from "../shown-step.ts";
import { largest } from "./units.ts";

/** Units of a layer that a stage shows at most. */
const mostShown = 20;

/**
 * One sample's way through a training step, in the article's terms: the gradients are the sample's own, and the mean over the
 * mini-batch divides by its size only where weights are concerned.
 */
export class StepScene {
  readonly step: ShownStep;
  readonly config: Config;
  /** Position in the mini-batch. */
  readonly sample: number;
  /** Samples of the mini-batch. */
  readonly count: number;

  constructor(step: ShownStep, config: Config, sample: number) {
    this.step = step;
    this.config = config;
    this.sample = sample;
    this.count = step.labels.length;
  }

  /** Index of the last layer. */
  get last(): number {
    return this.step.inspection.layers.length - 1;
  }

  get label(): number {
    return this.step.labels[this.sample];
  }

  /** The class that the sample is read as. */
  get read(): number {
    return readAs(this.step, this.sample);
  }

  get loss(): number {
    return this.step.backward.losses[this.sample];
  }

  /** The image of a sample as the network reads it, `[inputs]`, 0 to 1. */
  image(sample = this.sample): FloatArray {
    const { input } = this.step.inspection;
    return rowOf(input, sample, input.length / this.count);
  }

  /** Weighted sums of a layer, `[outputs]`. */
  z(layer: number): FloatArray {
    return this.#row(this.step.inspection.layers[layer].Z);
  }

  /** What a layer puts out, `[outputs]`; of the last one the probabilities. */
  a(layer: number): FloatArray {
    return this.#row(this.step.inspection.layers[layer].A);
  }

  /** What a layer reads, `[inputs]`. */
  input(layer: number): FloatArray {
    return layer === 0 ? this.image() : this.a(layer - 1);
  }

  /** How the sample's own loss changes with each weighted sum, `[outputs]`: the engine's answer times the mini-batch's size. */
  dz(layer: number): Float64Array {
    return Float64Array.from(
      this.#row(this.step.backward.layers[layer].dZ),
      (gradient) => gradient * this.count,
    );
  }

  /** What the probabilities ought to be, `[classes]`. */
  get targets(): Float64Array {
    const { labelSmoothing } = this.config;
    return Float64Array.from(
      { length: this.a(this.last).length },
      (_, index, classes = this.a(this.last)) => {
        const own = index === this.label ? 1 : 0;
        return (1 - labelSmoothing) * own + labelSmoothing / classes.length;
      },
    );
  }

  /** The blame that reaches a hidden layer from the one after it, `[outputs]`, before the slope of its activation. */
  da(layer: number): Float64Array {
    const { weight, inputs, outputs } = this.step.inspection.parameters[layer + 1];
    const all = new Float64Array(inputs).fill(1);
    return backward(this.dz(layer + 1), weight, all, { batch: 1, inputs, outputs });
  }

  /** The slopes of a hidden layer's activation where the sample is, `[outputs]`. */
  slopes(layer: number): Float64Array {
    return Float64Array.from(this.z(layer), activations[this.config.activation].slope);
  }

  /** What the sample alone asks of a unit's weights, `[inputs]`: `dz` times what comes in. */
  ownGradient(layer: number, unit: number): Float64Array {
    const gradient = this.dz(layer)[unit];
    return Float64Array.from(this.input(layer), (value) => gradient * value);
  }

  /** The mini-batch's `dW` of a unit, `[inputs]`. */
  gradient(layer: number, unit: number): FloatArray {
    return rowOf(this.step.backward.layers[layer].dW, unit, this.step.inspection.parameters[layer].inputs);
  }

  /** A unit's weights before the step and after it, and the difference that it made, `[inputs]` each. */
  weights(layer: number, unit: number) {
    const { inputs, weight } = this.step.inspection.parameters[layer];
    const before = rowOf(weight, unit, inputs);
    const after = rowOf(this.step.after[layer].weight, unit, inputs);
    return { before, after, change: Float64Array.from(after, (value, at) => value - before[at]) };
  }

  /** The units of a layer that are shown: those to blame most, if there are too many; every class. */
  units(layer: number): number[] {
    const gradients = this.dz(layer);
    return layer === this.last ? [...gradients.keys()] : largest(gradients, mostShown);
  }

  #row(values: FloatArray): FloatArray {
    return rowOf(values, this.sample, values.length / this.count);
  }
}

/** The class that a sample of a step is read as: the most probable, the lowest of equals. */
export function readAs({ inspection, labels }: ShownStep, sample: number): number {
  const { A } = inspection.layers[inspection.layers.length - 1];
  const row = rowOf(A, sample, A.length / labels.length);
  return row.indexOf(Math.max(...row));
}

/** The mean of some losses. */
export function meanOf(values: FloatArray): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
}

/** Row `index` of a matrix with rows of `width`; a view. */
function rowOf(values: FloatArray, index: number, width: number): FloatArray {
  return values.subarray(index * width, (index + 1) * width);
}

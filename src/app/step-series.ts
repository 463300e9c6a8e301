import type { SeriesState } from "./autosave/record-state.ts";

/** Most points that a series holds: then two neighbours become one. */
const mostPoints = 4096;

/** What a chart draws: x in steps, y in the order of x. */
export interface Curve {
  readonly steps: readonly number[];
  readonly values: readonly number[];
}

/**
 * Loss, accuracy and learning rate of every training step, in bounded memory: each point stands for one step until there are more
 * than 4096 of them, then for two, four and so on.
 */
export class StepSeries {
  readonly #loss = new Float64Array(mostPoints);
  readonly #correct = new Float64Array(mostPoints);
  readonly #samples = new Float64Array(mostPoints);
  readonly #learningRate = new Float64Array(mostPoints);
  readonly #steps = new Float64Array(mostPoints);
  #width = 1;
  #last = 0;

  /** The last step that was added, from 1; 0 if none was. */
  get last(): number {
    return this.#last;
  }

  /** How many steps a point stands for. */
  get width(): number {
    return this.#width;
  }

  /**
   * Adds step `step`, counted from 1. Steps that are there already are left as they are: training that goes on from an
   * earlier point repeats them.
   * @param loss mean over the step's `samples`
   */
  add(step: number, loss: number, correct: number, samples: number, learningRate: number): void {
    if (step <= this.#last) return;
    while (step > mostPoints * this.#width) this.#halve();
    const point = Math.floor((step - 1) / this.#width);
    this.#loss[point] += loss;
    this.#correct[point] += correct;
    this.#samples[point] += samples;
    this.#learningRate[point] += learningRate;
    this.#steps[point]++;
    this.#last = step;
  }

  /** Mean loss of every point. */
  get loss(): Curve {
    return this.#curve((point) => this.#loss[point] / this.#steps[point]);
  }

  /** Share of samples that were classified correctly, of every point. */
  get accuracy(): Curve {
    return this.#curve((point) => this.#correct[point] / this.#samples[point]);
  }

  /** Mean learning rate of every point. */
  get learningRate(): Curve {
    return this.#curve((point) => this.#learningRate[point] / this.#steps[point]);
  }

  /** All of it, to be saved. */
  get state(): SeriesState {
    const length = Math.ceil(this.#last / this.#width);
    return {
      ...{ width: this.#width, last: this.#last },
      loss: this.#loss.slice(0, length),
      correct: this.#correct.slice(0, length),
      samples: this.#samples.slice(0, length),
      learningRate: this.#learningRate.slice(0, length),
      steps: this.#steps.slice(0, length),
    };
  }

  /** Takes the place of what there is. */
  restore(state: SeriesState): void {
    this.#width = state.width;
    this.#last = state.last;
    this.#loss.set(state.loss);
    this.#correct.set(state.correct);
    this.#samples.set(state.samples);
    this.#learningRate.set(state.learningRate);
    this.#steps.set(state.steps);
  }

  #curve(value: (point: number) => number): Curve {
    const steps: number[] = [];
    const values: number[] = [];
    for (let point = 0; point * this.#width < this.#last; point++) {
      if (this.#steps[point] === 0) continue;
      // A point stands where its last step does.
      steps.push(Math.min((point + 1) * this.#width, this.#last));
      values.push(value(point));
    }
    return { steps, values };
  }

  #halve(): void {
    for (const values of [this.#loss, this.#correct, this.#samples, this.#learningRate, this.#steps]) {
      for (let point = 0; point < mostPoints / 2; point++) {
        values[point] = values[2 * point] + values[2 * point + 1];
      }
      values.fill(0, mostPoints / 2);
    }
    this.#width *= 2;
  }
}

/** `curve` with each value pulled towards those before it: an exponential moving average without its early bias. */
export function smooth({ steps, values }: Curve, factor: number): Curve {
  let sum = 0;
  let weight = 0;
  const smoothed = values.map((value) => {
    sum = factor * sum + (1 - factor) * value;
    weight = factor * weight + (1 - factor);
    return sum / weight;
  });
  return { steps, values: smoothed };
}

/** At most about `most` points of `curve`: the means of equally many neighbours each. */
export function thin(curve: Curve, most: number): Curve {
  const each = Math.ceil(curve.steps.length / most);
  if (each <= 1) return curve;
  const steps: number[] = [];
  const values: number[] = [];
  for (let first = 0; first < curve.steps.length; first += each) {
    const group = curve.values.slice(first, first + each);
    steps.push(curve.steps[Math.min(first + each, curve.steps.length) - 1]);
    values.push(group.reduce((sum, value) => sum + value, 0) / group.length);
  }
  return { steps, values };
}

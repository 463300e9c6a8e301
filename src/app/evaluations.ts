import { epochOrder } from "../data/batches.ts";
import { imagesAt, type Split } from "../data/dataset.ts";
import type { Evaluation } from "../training/events.ts";
import type { Trainer } from "../training/trainer.ts";
import type { NetworkAtHand } from "./network-at-hand.ts";

/** How long training must rest before the watched images are evaluated again: stepping quickly evaluates once. */
const patienceMs = 150;
/** Images of the sample that is looked at while training runs. */
const sampleSize = 1000;
/** Least milliseconds between two looks at the sample, and the largest share of the adapter's time that they may take. */
const sampleMs = 1000;
const sampleShare = 0.015;
/** What an image costs that is only read, as a share of what one costs that is trained on. */
const readCost = 1 / 3;

/** What was right after so many steps. */
export interface Reading {
  readonly step: number;
  readonly accuracy: number;
  /** Images that were read, and whether they are all that there are. */
  readonly images: number;
  readonly whole: boolean;
}

/**
 * What the network makes of the watched images: of all of them whenever training rests and where an epoch ends, and of a
 * sample about once a second in between. Evaluations change nothing that training computes.
 */
export class Evaluations {
  /** The last evaluation of all watched images, of this network. */
  whole: Evaluation | undefined;
  /** The step after which that was. */
  step = 0;
  /** Whether that was of the best weights, which training that is finished goes back to. */
  #ofBest = false;
  readonly #network: NetworkAtHand;
  readonly #isIdle: () => boolean;
  #reading: Reading | undefined;
  #sample: { readonly of: Split; readonly is: Split } | undefined;
  #sampling = false;
  #sampledAt = Number.NEGATIVE_INFINITY;

  /** @param isIdle whether the network rests */
  constructor(network: NetworkAtHand, isIdle: () => boolean) {
    this.#network = network;
    this.#isIdle = isIdle;
    network.progressed.listen(() => void this.#look());
  }

  /** The latest that is known. */
  get reading(): Reading | undefined {
    return this.#reading;
  }

  /** Another network, of which nothing is known; or the same one on another device. */
  forget(): void {
    this.whole = undefined;
    this.step = 0;
    this.#reading = undefined;
    this.#sampledAt = Number.NEGATIVE_INFINITY;
  }

  /** All watched images were evaluated after `step` steps. */
  add(step: number, evaluation: Evaluation): void {
    const { record, watched, evaluated } = this.#network;
    this.whole = evaluation;
    this.step = step;
    this.#ofBest = false;
    this.#reading = { step, accuracy: evaluation.accuracy, images: watched.split.count, whole: true };
    record.addEvaluation(step, evaluation);
    evaluated.emit();
  }

  /** Brings the figures up to date, if training does not go on meanwhile. */
  async rest(): Promise<void> {
    const { trainer } = this.#network;
    const { step } = trainer;
    const resting = () => this.#network.trainer === trainer && trainer.step === step && this.#isIdle();
    // What the last epoch's evaluation was of is no longer in the picture then.
    const hasBest = trainer.finished && trainer.hasBest;
    if (this.whole && this.step === step && this.#ofBest === hasBest) return this.#testFinally();
    await new Promise((wake) => setTimeout(wake, patienceMs));
    if (!resting()) return;
    const evaluation = await this.#network.ask(() => trainer.evaluate(trainer.watched.split));
    if (evaluation && resting()) {
      this.add(step, evaluation);
      this.#ofBest = hasBest;
    }
    await this.#testFinally();
  }

  /** The test split has its turn only when training is finished, where other images are watched meanwhile. */
  async #testFinally(): Promise<void> {
    const { trainer, record } = this.#network;
    const { step, finished, watched } = trainer;
    if (watched.name === "test" || !finished || record.final?.step === step) return;
    const evaluation = await this.#network.ask(() => trainer.evaluate());
    if (!evaluation || record !== this.#network.record) return;
    const { loss, accuracy } = evaluation;
    record.final = { step, loss, accuracy };
    this.#network.evaluated.emit();
  }

  /** Reads the sample, if it is time to. */
  async #look(): Promise<void> {
    const { trainer, record, config } = this.#network;
    const sample = this.#sampleOf(trainer);
    const trainedPerSecond = Math.max(1, record.stepsPerSecond * config.batchSize);
    const costMs = (1000 * sample.count * readCost) / trainedPerSecond;
    const restMs = Math.max(sampleMs, costMs / sampleShare);
    if (this.#sampling || performance.now() < this.#sampledAt + restMs) return;
    const { step } = trainer;
    this.#sampling = true;
    const evaluation = await this.#network.ask(() => trainer.evaluate(sample));
    this.#sampling = false;
    this.#sampledAt = performance.now();
    if (!evaluation || step <= (this.#reading?.step ?? -1)) return;
    this.#reading = {
      step,
      accuracy: evaluation.accuracy,
      images: sample.count,
      whole: sample === trainer.watched.split,
    };
    this.#network.sampled.emit();
  }

  #sampleOf({ watched }: Trainer): Split {
    if (this.#sample?.of !== watched.split) {
      this.#sample = { of: watched.split, is: sampleOf(watched.split) };
    }
    return this.#sample.is;
  }
}

/** Images drawn from all over `split`, the same ones each time; all of it if there are no more. */
function sampleOf(split: Split): Split {
  if (split.count <= sampleSize) return split;
  return imagesAt(split, epochOrder(split.count, 0, 0, true).subarray(0, sampleSize));
}

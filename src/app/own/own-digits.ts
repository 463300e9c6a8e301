import type { Dataset, Split } from "../../data/dataset.ts";
import { withOwn } from "../../data/mix.ts";
import { Signal } from "../signal.ts";
import { entry, putEntry } from "../store.ts";

/** A digit that somebody drew and labelled. */
export interface OwnDigit {
  /** `[28 * 28]` bytes, prepared as the network is shown it. */
  readonly image: Uint8Array;
  readonly label: number;
}

/** Digits that are among the training images. */
export interface Mix {
  readonly digits: readonly OwnDigit[];
  /** Of the training images, 0 to 1. */
  readonly share: number;
  /** How many of them were read right before. */
  readonly rightBefore: number;
}

/** What the browser stores. */
interface Stored {
  readonly digits: readonly OwnDigit[];
  readonly mix: Mix | undefined;
}

/** Rows and columns of the images, as in MNIST. */
export const ownSide = 28;
/** More than anybody draws; reading them all after every look at the weights must stay cheap. */
const most = 500;
const key = "own digits";

/** The digits of the person at the page: drawn, labelled, stored in the browser, and mixed into the training images. */
export class OwnDigits {
  /** There are others, or others are to be trained on. */
  readonly changed = new Signal();
  /** Saving them failed: why. */
  readonly saveFailed = new Signal<unknown>();
  /** Resolves when those of an earlier visit are here. */
  readonly loaded: Promise<void>;
  #digits: readonly OwnDigit[] = [];
  #mix: Mix | undefined;
  #mixed:
    | { readonly of: Dataset; readonly mix: Mix; readonly limit: number; readonly is: Dataset }
    | undefined;

  constructor() {
    this.loaded = this.#load();
  }

  get digits(): readonly OwnDigit[] {
    return this.#digits;
  }

  /** Those that are trained on. */
  get mix(): Mix | undefined {
    return this.#mix;
  }

  /** As a split, in their order. */
  get split(): Split {
    return splitOf(this.#digits);
  }

  /** Adds digits; the oldest go if there are too many. */
  add(...digits: readonly OwnDigit[]): void {
    this.#digits = [...this.#digits, ...digits].slice(-most);
    this.#save();
  }

  /** Puts `digits` in place of all there are. */
  replace(digits: readonly OwnDigit[]): void {
    this.#digits = digits;
    this.#save();
  }

  /** Has digits trained on from the next network on. */
  trainWith(mix: Mix | undefined): void {
    this.#mix = mix;
    this.#save();
  }

  /** The data to train on: with the digits that were mixed in, where they are of its kind. */
  among(dataset: Dataset, limit: number): Dataset {
    const mix = this.#mix;
    if (!mix || !fits(dataset)) return dataset;
    const known = this.#mixed;
    if (known?.of === dataset && known.mix === mix && known.limit === limit) return known.is;
    const is = withOwn(dataset, splitOf(mix.digits), mix.share, limit);
    this.#mixed = { of: dataset, mix, limit, is };
    return is;
  }

  async #load(): Promise<void> {
    // Where nothing can be read, saving will fail too, and tell.
    const stored = (await entry(key).catch(() => undefined)) as Stored | undefined;
    this.#digits = stored?.digits ?? [];
    this.#mix = stored?.mix;
  }

  #save(): void {
    const stored: Stored = { digits: this.#digits, mix: this.#mix };
    putEntry(key, stored).catch((error) => this.saveFailed.emit(error));
    this.changed.emit();
  }
}

/** Whether drawn digits are images of the kind that a data set has. */
export function fits({ train, classes, classNames }: Dataset): boolean {
  return train.rows === ownSide && train.columns === ownSide && classes === 10 && !classNames;
}

function splitOf(digits: readonly OwnDigit[]): Split {
  const size = ownSide * ownSide;
  const images = new Uint8Array(digits.length * size);
  for (const [index, { image }] of digits.entries()) images.set(image, index * size);
  const labels = Uint8Array.from(digits, ({ label }) => label);
  return { images, labels, count: digits.length, rows: ownSide, columns: ownSide };
}

import type { Dataset, Split } from "../../data/dataset.ts";
import { Signal } from "../signal.ts";
import { entry, putEntry } from "../store.ts";
import { type Mix, type OwnDigit, ownSide } from "./own-digit.ts";

/** What the browser stores. */
interface Stored {
  readonly digits: readonly OwnDigit[];
  readonly mix: Mix | undefined;
}

/** More than anybody draws; reading them all after every look at the weights must stay cheap. */
const most = 500;
const key = "own digits";

/** The digits of the person at the page: drawn, labelled and stored in the browser. */
export class OwnDigits {
  /** There are others. */
  readonly changed = new Signal();
  /** Saving them failed: why. */
  readonly saveFailed = new Signal<unknown>();
  /** Resolves when those of an earlier visit are here. */
  readonly loaded: Promise<void>;
  #digits: readonly OwnDigit[] = [];
  #mix: Mix | undefined;

  constructor() {
    this.loaded = this.#load();
  }

  get digits(): readonly OwnDigit[] {
    return this.#digits;
  }

  /** Those that were trained on last. */
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

  /** Stores those that are trained on, for the next visit. */
  keepMix(mix: Mix | undefined): void {
    this.#mix = mix;
    this.#save();
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

export function splitOf(digits: readonly OwnDigit[]): Split {
  const size = ownSide * ownSide;
  const images = new Uint8Array(digits.length * size);
  for (const [index, { image }] of digits.entries()) images.set(image, index * size);
  const labels = Uint8Array.from(digits, ({ label }) => label);
  return { images, labels, count: digits.length, rows: ownSide, columns: ownSide };
}

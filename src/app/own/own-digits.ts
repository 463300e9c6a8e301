import * as v from "valibot";
import type { Dataset, Split } from "../../data/dataset.ts";
import { UserError } from "../../errors.ts";
import { Signal } from "../signal.ts";
import { entry, updateEntry } from "../store.ts";
import { type Mix, type OwnDigit, ownSide, type StoredOwn, storedOwn } from "./own-digit.ts";

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
  #own: StoredOwn = { digits: [] };

  constructor() {
    this.loaded = this.#load();
  }

  get digits(): readonly OwnDigit[] {
    return this.#own.digits;
  }

  /** Those that were trained on last. */
  get mix(): Mix | undefined {
    return this.#own.mix;
  }

  /** As a split, in their order. */
  get split(): Split {
    return splitOf(this.digits);
  }

  /** @throws UserError if there are too many: all stay as they are */
  add(more: readonly OwnDigit[]): void {
    const count = this.digits.length;
    if (count + more.length > most) {
      throw new UserError(
        `There are ${count} digits of yours, and ${more.length} were given: at most ${most} fit. Remove some first.`,
      );
    }
    this.#change(({ digits, mix }) => ({ digits: [...digits, ...more], mix }));
  }

  remove(those: readonly OwnDigit[]): void {
    this.#change(({ digits, mix }) => ({ digits: those.reduce(without, digits), mix }));
  }

  /** Stores those that are trained on, for the next visit. */
  keepMix(mix: Mix | undefined): void {
    this.#change(({ digits }) => ({ digits, mix }));
  }

  async #load(): Promise<void> {
    // Where nothing can be read, saving will fail too, and tell.
    this.#own = read(await entry(key).catch(() => undefined));
  }

  /** Changes what is here and what is stored, where another page may have changed it. */
  #change(change: (own: StoredOwn) => StoredOwn): void {
    this.#own = change(this.#own);
    updateEntry(key, (found) => change(read(found))).catch((error) => this.saveFailed.emit(error));
    this.changed.emit();
  }
}

/** What the store holds; none where that cannot be used. */
function read(found: unknown): StoredOwn {
  const { success, output } = v.safeParse(storedOwn, found);
  return success ? output : { digits: [] };
}

function without(digits: readonly OwnDigit[], { image, label }: OwnDigit): readonly OwnDigit[] {
  const isIt = (other: OwnDigit) =>
    other.label === label && other.image.every((byte, index) => byte === image[index]);
  const index = digits.findIndex(isIt);
  return index < 0 ? digits : digits.toSpliced(index, 1);
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

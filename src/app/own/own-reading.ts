import { inTurn } from "../frames.ts";
import { Signal } from "../signal.ts";
import type { Training } from "../training.ts";
import { fits, type OwnDigits } from "./own-digits.ts";

/** What the network reads the drawn digits as, asked anew whenever they or its weights change. */
export class OwnReading {
  /** There are other answers. */
  readonly changed = new Signal();
  /** The class that each digit is read as, in their order; empty until there is an answer. */
  classes: readonly number[] = [];
  readonly #training: Training;
  readonly #own: OwnDigits;

  constructor(training: Training, own: OwnDigits) {
    this.#training = training;
    this.#own = own;
    const ask = inTurn(() => this.#ask());
    for (const signal of [training.weightsRead, training.replaced, own.changed]) signal.listen(ask);
    void own.loaded.then(ask);
  }

  /** How many of the digits are read right. */
  right(): number {
    const { digits } = this.#own;
    return this.classes.filter((answer, index) => answer === digits[index]?.label).length;
  }

  async #ask(): Promise<void> {
    const { digits, split } = this.#own;
    const asked = digits.length > 0 && fits(this.#training.dataset);
    const inspection = asked ? await this.#training.inspect(split.images) : undefined;
    // There are others by now: they have a turn of their own.
    if (digits !== this.#own.digits) return;
    this.classes = inspection
      ? likeliest(inspection.layers[inspection.layers.length - 1].A, digits.length)
      : [];
    this.changed.emit();
  }
}

/** The class with the largest probability in each row of `[count, classes]`. */
function likeliest(probabilities: ArrayLike<number>, count: number): number[] {
  const classes = probabilities.length / count;
  return Array.from({ length: count }, (_, row) => {
    let best = 0;
    for (let label = 1; label < classes; label++)
      if (probabilities[row * classes + label] > probabilities[row * classes + best]) best = label;
    return best;
  });
}

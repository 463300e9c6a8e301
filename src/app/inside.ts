import { type ImageShape, imageAt } from "../data/dataset.ts";
import { drawOver, prepareStrokes } from "../data/prepare-strokes.ts";
import type { Inspection } from "../reference/inspect.ts";
import { asRead } from "../training/engine/as-read.ts";
import { inTurn } from "./frames.ts";
import { Signal } from "./signal.ts";
import type { Training } from "./training.ts";
import type { Pad } from "./views/pad.ts";

/**
 * What is on the pad, as the network is shown it, and what then lies inside the network: asked anew whenever the pad or the
 * weights change, one question at a time.
 */
export class Inside {
  /** There is another image, or nothing on the pad. */
  readonly imageChanged = new Signal();
  /** There is another answer. */
  readonly answered = new Signal();
  /** `[rows * columns]` bytes; nothing if there is too little on the pad. */
  image: Uint8Array | undefined;
  /** What lies inside the network while it reads this image, or the one before. */
  answer: Inspection | undefined;
  readonly #training: Training;
  readonly #pad: Pad;
  /** To be called with the next answer about the image that is on the pad. */
  #waiting: (() => void)[] = [];
  readonly #ask = inTurn(() => this.#inspect());

  constructor(training: Training, pad: Pad) {
    this.#training = training;
    this.#pad = pad;
    pad.changed.listen(() => this.#prepare());
    training.weightsRead.listen(() => this.#ask());
    training.replaced.listen(() => {
      this.answer = undefined;
      this.#prepare();
    });
    this.#prepare();
  }

  /** The image as the network reads it. */
  get imageRead(): Uint8Array | undefined {
    const { config, dataset } = this.#training;
    return this.image && asRead(this.image, config, dataset.test);
  }

  /** Which image of the data is on the pad, untouched, and its label. */
  get origin(): { readonly name: string; readonly index: number; readonly label: number } | undefined {
    const { backdrop, strokes } = this.#pad.strokes;
    if (!backdrop || strokes.length > 0) return undefined;
    const { split, index } = backdrop;
    const name = split === this.#training.dataset.test ? "test" : "validation";
    return { name, index, label: split.labels[index] };
  }

  /** Calls `act` when there is an answer about what is on the pad now; never if that changes before. */
  whenAnswered(act: () => void): void {
    this.#waiting.push(act);
    this.#ask();
  }

  #prepare(): void {
    this.#waiting = [];
    const { strokes } = this.#pad;
    this.image = strokes.blank ? undefined : prepared(this.#pad, this.#training.dataset.test);
    this.imageChanged.emit();
    this.#ask();
  }

  async #inspect(): Promise<void> {
    const { image } = this;
    const inspection = image && (await this.#training.inspect(image));
    // The pad was cleared, or drawn on, while the network was thinking.
    if (image !== this.image) return;
    this.answer = inspection;
    this.answered.emit();
    for (const act of this.#waiting.splice(0)) act();
  }
}

/** The pad as the network is shown it: what is drawn, or a test image, in the network's form already, and what is drawn over it. */
function prepared({ strokes: { strokes, backdrop } }: Pad, target: ImageShape): Uint8Array {
  if (!backdrop) return prepareStrokes(strokes, target);
  const image = imageAt(backdrop.split, backdrop.index).slice();
  if (strokes.length > 0) drawOver(image, strokes, target);
  return image;
}

import type { Split } from "../data/dataset.ts";
import type { PenPoint } from "../data/prepare-strokes.ts";

/** Width of the pen on a pad of width 1: about that of MNIST's lines in a digit that fills two thirds of the pad. */
export const penWidth = 0.075;

/** A test image that was put on the pad. */
export interface Backdrop {
  readonly split: Split;
  readonly index: number;
}

/** What is on the pad: at most one test image, and strokes over it. */
export class Drawing {
  #strokes: PenPoint[][] = [];
  /** The stroke that is being drawn, until it is taken away. */
  #open: PenPoint[] | undefined;
  #backdrop: Backdrop | undefined;
  #passing = false;

  get strokes(): readonly (readonly PenPoint[])[] {
    return this.#strokes;
  }

  get backdrop(): Backdrop | undefined {
    return this.#backdrop;
  }

  get blank(): boolean {
    return this.#strokes.length === 0 && !this.#backdrop;
  }

  begin(point: PenPoint): void {
    if (this.#passing) this.clear();
    this.#open = [point];
    this.#strokes.push(this.#open);
  }

  /** Goes on with the stroke that was begun last; where that was taken away meanwhile, another begins. */
  extend(point: PenPoint): void {
    if (this.#open) this.#open.push(point);
    else this.begin(point);
  }

  /** Takes the last stroke back, or after the first of them the test image. */
  undo(): void {
    if (!this.#strokes.pop()) this.#backdrop = undefined;
    this.#open = undefined;
  }

  clear(): void {
    this.#strokes = [];
    this.#open = undefined;
    this.#backdrop = undefined;
    this.#passing = false;
  }

  /**
   * Puts a test image on an empty pad.
   * @param passing whether it goes when somebody draws; otherwise they draw over it
   */
  place(backdrop: Backdrop, passing = false): void {
    this.clear();
    this.#backdrop = backdrop;
    this.#passing = passing;
  }
}

/** Draws strokes with a round pen into a square of `size` pixels. */
export function paintStrokes(
  context: CanvasRenderingContext2D,
  strokes: readonly (readonly PenPoint[])[],
  size: number,
  colour: string,
): void {
  context.strokeStyle = colour;
  context.lineWidth = penWidth * size;
  context.lineCap = "round";
  context.lineJoin = "round";
  context.fillStyle = colour;
  for (const [first, ...rest] of strokes) {
    context.beginPath();
    if (rest.length === 0) {
      // A line to where it begins draws nothing: a tap is to make a dot.
      context.arc(first.x * size, first.y * size, context.lineWidth / 2, 0, 2 * Math.PI);
      context.fill();
      continue;
    }
    context.moveTo(first.x * size, first.y * size);
    for (const { x, y } of rest) context.lineTo(x * size, y * size);
    context.stroke();
  }
}

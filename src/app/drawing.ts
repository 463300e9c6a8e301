import type { Split } from "../data/dataset.ts";
import type { PenPoint } from "../data/prepare-strokes.ts";
import type { GrayImage } from "../data/raster.ts";
import { context2d } from "./dom.ts";

/** Width of the pen on a pad of width 1: about that of MNIST's lines in a digit that fills two thirds of the pad. */
export const penWidth = 0.075;
/** Pixels of the picture that is made of the pad: a multiple of 28, so that a test image survives it unchanged. */
const side = 140;

/** A test image that was put on the pad. */
export interface Backdrop {
  readonly split: Split;
  readonly index: number;
}

/** What is on the pad: at most one test image, and strokes over it. */
export class Drawing {
  #strokes: PenPoint[][] = [];
  #backdrop: Backdrop | undefined;
  #passing = false;
  readonly #canvas = new OffscreenCanvas(side, side);

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
    this.#strokes.push([point]);
  }

  extend(point: PenPoint): void {
    this.#strokes.at(-1)?.push(point);
  }

  /** Takes the last stroke back, or after the first of them the test image. */
  undo(): void {
    if (!this.#strokes.pop()) this.#backdrop = undefined;
  }

  clear(): void {
    this.#strokes = [];
    this.#backdrop = undefined;
    this.#passing = false;
  }

  /**
   * Puts a test image on an empty pad.
   * @param passing whether it goes when somebody draws; otherwise they draw over it
   */
  place(backdrop: Backdrop, passing = false): void {
    this.#strokes = [];
    this.#backdrop = backdrop;
    this.#passing = passing;
  }

  /** The pad as a picture, light on dark. */
  picture(): GrayImage {
    const context = this.#canvas.getContext("2d", { willReadFrequently: true });
    if (!context) throw new Error("the browser gave no 2D context");
    context.fillStyle = "#000";
    context.fillRect(0, 0, side, side);
    if (this.#backdrop) paintBackdrop(context, this.#backdrop, side);
    paintStrokes(context, this.#strokes, side, "#fff");
    const { data } = context.getImageData(0, 0, side, side);
    return {
      width: side,
      height: side,
      pixels: Uint8Array.from({ length: side * side }, (_, i) => data[4 * i]),
    };
  }
}

/** Draws strokes with a round pen into a square of `size` pixels. */
export function paintStrokes(
  context: CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D,
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

/** Draws a test image, light on dark, into a square of `size` pixels, without smoothing. */
function paintBackdrop(
  context: OffscreenCanvasRenderingContext2D,
  { split, index }: Backdrop,
  size: number,
): void {
  const { rows, columns } = split;
  const canvas = document.createElement("canvas");
  canvas.width = columns;
  canvas.height = rows;
  const small = context2d(canvas);
  const picture = small.createImageData(columns, rows);
  for (let pixel = 0; pixel < rows * columns; pixel++) {
    const byte = split.images[index * rows * columns + pixel];
    picture.data.set([byte, byte, byte, 255], 4 * pixel);
  }
  small.putImageData(picture, 0, 0);
  context.imageSmoothingEnabled = false;
  context.drawImage(canvas, 0, 0, size, size);
}

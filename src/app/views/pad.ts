import { imageAt, type Split } from "../../data/dataset.ts";
import type { PenPoint } from "../../data/prepare-strokes.ts";
import { button, byId, context2d, element } from "../dom.ts";
import { type Backdrop, Drawing, paintStrokes } from "../drawing.ts";
import { paced } from "../frames.ts";
import { Signal } from "../signal.ts";
import { currentTheme, themeChanged } from "../theme.ts";
import type { Training } from "../training.ts";
import { drawDigit } from "./digit-picture.ts";
import { KeyboardPen } from "./keyboard-pen.ts";

/** A square to draw a digit on, by mouse, touch, pen or keyboard. */
export class Pad {
  /** There is something else on the pad. */
  readonly changed = new Signal();
  readonly strokes = new Drawing();
  readonly #training: Training;
  readonly #canvas = element("canvas", {
    tabindex: "0",
    role: "application",
    "aria-label": "Drawing pad. Arrow keys move the pen, enter puts it down or lifts it.",
  });
  readonly #pen = new KeyboardPen(this.#canvas, this.strokes, () => this.changed.emit());
  #pointer: number | undefined;

  constructor(training: Training) {
    this.#training = training;
    this.#canvas.addEventListener("pointerdown", (event) => this.#down(event));
    this.#canvas.addEventListener("pointermove", (event) => this.#move(event));
    for (const end of ["pointerup", "pointercancel"] as const)
      this.#canvas.addEventListener(end, (event) => this.#up(event));
    byId("pad").append(
      this.#canvas,
      element(
        "div",
        { class: "tools" },
        button("Undo", () => this.undo()),
        button("Clear", () => this.clear(), { "aria-keyshortcuts": "c" }),
        button("Random test digit", () => this.placeRandom()),
      ),
    );
    const draw = paced(() => this.#draw(), 0);
    this.changed.listen(draw);
    themeChanged.listen(draw);
    new ResizeObserver(draw).observe(this.#canvas);
    training.replaced.listen(() => this.#dropForeign());
  }

  undo(): void {
    this.strokes.undo();
    this.changed.emit();
  }

  clear(): void {
    this.strokes.clear();
    this.changed.emit();
  }

  /** Puts an image on the pad, if it is of the data in use. */
  place(image: Backdrop): void {
    if (!this.#isForeign(image)) this.#place(image);
  }

  /** Scrolls to it, where it is out of sight. */
  bringIntoView(): void {
    // What it lies in has no box of its own on narrow screens.
    this.#canvas.scrollIntoView({ block: "nearest" });
  }

  placeRandom(): void {
    const { test } = this.#training.dataset;
    this.#place({ split: test, index: Math.floor(Math.random() * test.count) });
  }

  /** Puts the first test image on the pad, until somebody draws: the network has something to read from the first moment. */
  begin(): void {
    this.#place({ split: this.#training.dataset.test, index: 0 }, true);
  }

  #place(backdrop: Backdrop, passing = false): void {
    this.strokes.place(backdrop, passing);
    this.changed.emit();
  }

  /** An image of data that is no longer used would be called by a wrong number. */
  #dropForeign(): void {
    const { backdrop } = this.strokes;
    if (backdrop && this.#isForeign(backdrop)) this.begin();
  }

  #isForeign({ split }: Backdrop): boolean {
    const { dataset, watched } = this.#training;
    return ![dataset.test, watched.split].some((used) => isSame(used, split));
  }

  #down(event: PointerEvent): void {
    if (this.#pointer !== undefined || event.button !== 0) return;
    this.#pointer = event.pointerId;
    this.#canvas.setPointerCapture(event.pointerId);
    this.strokes.begin(this.#pointOf(event));
    this.changed.emit();
  }

  #move(event: PointerEvent): void {
    if (event.pointerId !== this.#pointer) return;
    // A fast pen moves several times within a frame; a browser without such detail has an empty list, an insecure page none.
    const events = event.getCoalescedEvents?.() ?? [];
    for (const each of events.length > 0 ? events : [event]) this.strokes.extend(this.#pointOf(each));
    this.changed.emit();
  }

  #up(event: PointerEvent): void {
    if (event.pointerId === this.#pointer) this.#pointer = undefined;
  }

  #pointOf({ clientX, clientY }: PointerEvent): PenPoint {
    const { left, top, width, height } = this.#canvas.getBoundingClientRect();
    return { x: (clientX - left) / width, y: (clientY - top) / height };
  }

  #draw(): void {
    const size = Math.round(this.#canvas.clientWidth * devicePixelRatio);
    if (size === 0) return;
    this.#canvas.width = this.#canvas.height = size;
    const context = context2d(this.#canvas);
    const { ink } = currentTheme();
    const { backdrop, strokes } = this.strokes;
    if (backdrop) {
      const small = element("canvas");
      drawDigit(small, imageAt(backdrop.split, backdrop.index), backdrop.split);
      context.imageSmoothingEnabled = false;
      context.drawImage(small, 0, 0, size, size);
    }
    paintStrokes(context, strokes, size, ink);
    this.#pen.paint(context, size, ink);
  }
}

/** Whether two splits are the same images: each trainer makes its own of those that are set apart. */
function isSame({ images: a }: Split, { images: b }: Split): boolean {
  return a.buffer === b.buffer && a.byteOffset === b.byteOffset && a.length === b.length;
}

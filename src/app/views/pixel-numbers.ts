import { arrowStep } from "../arrow-keys.ts";
import { byId, context2d, element } from "../dom.ts";
import { paced } from "../frames.ts";
import type { Inside } from "../inside.ts";
import { currentTheme, mix, themeChanged } from "../theme.ts";
import type { Training } from "../training.ts";

/** Cells narrower than this, in CSS pixels, have no room for a number. */
const leastCell = 14;
/** A number's height as a share of its cell's. */
const textShare = 0.42;

/** What is on the pad as the network gets it: a number for every pixel. */
export class PixelNumbers {
  readonly #training: Training;
  readonly #inside: Inside;
  readonly #canvas = element("canvas", {
    tabindex: "0",
    role: "application",
    "aria-label": "The image's pixels as numbers. Arrow keys go from pixel to pixel.",
  });
  readonly #words = element("p", { class: "hint", "aria-live": "polite" });
  #at = { row: 13, column: 13 };

  constructor(training: Training, inside: Inside) {
    this.#training = training;
    this.#inside = inside;
    byId("pixels").append(this.#canvas, this.#words);
    for (const type of ["pointermove", "pointerdown"] as const)
      this.#canvas.addEventListener(type, (event) => this.#point(event));
    this.#canvas.addEventListener("keydown", (event) => this.#press(event));
    const draw = paced(() => this.#draw());
    for (const signal of [inside.imageChanged, themeChanged]) signal.listen(draw);
    new ResizeObserver(draw).observe(this.#canvas);
  }

  #point({ offsetX, offsetY }: PointerEvent): void {
    const { rows, columns } = this.#training.dataset.test;
    const { clientWidth, clientHeight } = this.#canvas;
    this.#go(Math.floor((offsetY / clientHeight) * rows), Math.floor((offsetX / clientWidth) * columns));
  }

  #press(event: KeyboardEvent): void {
    const step = arrowStep(event);
    if (!step) return;
    event.preventDefault();
    this.#go(this.#at.row + step.down, this.#at.column + step.right);
  }

  #go(row: number, column: number): void {
    this.#at = { row, column };
    this.#draw();
  }

  #draw(): void {
    const { rows, columns } = this.#training.dataset.test;
    const image = this.#inside.imageRead ?? new Uint8Array(rows * columns);
    const within = (value: number, count: number) => Math.max(0, Math.min(value, count - 1));
    // Images of other data may be smaller.
    const row = within(this.#at.row, rows);
    const column = within(this.#at.column, columns);
    this.#at = { row, column };
    const byte = image[row * columns + column];
    this.#words.textContent =
      `Row ${row + 1}, column ${column + 1}: ${byte} of 255. The network is given it divided by 255: ` +
      `${(byte / 255).toFixed(3)}.`;
    const cell = Math.round((this.#canvas.clientWidth * devicePixelRatio) / columns);
    if (cell === 0) return;
    this.#canvas.width = cell * columns;
    this.#canvas.height = cell * rows;
    const context = context2d(this.#canvas);
    const { paperRgb, inkRgb, ink } = currentTheme();
    context.font = `${cell * textShare}px system-ui, sans-serif`;
    context.textAlign = "center";
    context.textBaseline = "middle";
    image.forEach((value, at) => {
      const [x, y] = [(at % columns) * cell, Math.floor(at / columns) * cell];
      context.fillStyle = `rgb(${mix(paperRgb, inkRgb, value / 255).join(" ")})`;
      context.fillRect(x, y, cell, cell);
      if (cell < leastCell * devicePixelRatio) return;
      // Zeros stand back: the digit is to be seen in its numbers.
      const strength = value === 0 ? 0.35 : 1;
      context.fillStyle = `rgb(${mix(paperRgb, inkRgb, value > 127 ? 0 : strength).join(" ")})`;
      context.fillText(String(value), x + cell / 2, y + cell / 2);
    });
    context.strokeStyle = ink;
    context.lineWidth = 2 * devicePixelRatio;
    context.strokeRect(column * cell, row * cell, cell, cell);
  }
}

import type { PenPoint } from "../../data/prepare-strokes.ts";
import { type ArrowStep, arrowStep, isShortcut } from "../arrow-keys.ts";
import { type Drawing, penWidth } from "../drawing.ts";

/** How far an arrow key moves the pen, as a share of the pad; with shift it goes four times as far. */
const reach = 0.03;

/** Draws with the keyboard: arrow keys move the pen, enter puts it down or lifts it. */
export class KeyboardPen {
  #at: PenPoint = { x: 0.5, y: 0.2 };
  #isDown = false;
  #shown = false;

  /** @param changed called when strokes or pen are to be drawn anew */
  constructor(canvas: HTMLCanvasElement, strokes: Drawing, changed: () => void) {
    canvas.addEventListener("keydown", (event) => {
      const step = arrowStep(event);
      if (step) this.#move(step, event.shiftKey ? 4 : 1, strokes);
      else if (event.key === "Enter" && !isShortcut(event)) this.#toggle(strokes);
      else return;
      event.preventDefault();
      changed();
    });
    canvas.addEventListener("focus", () => {
      this.#shown = canvas.matches(":focus-visible");
      changed();
    });
    canvas.addEventListener("blur", () => {
      this.#shown = this.#isDown = false;
      changed();
    });
  }

  /** A ring where the pen is, filled while it is down. */
  paint(context: CanvasRenderingContext2D, size: number, colour: string): void {
    if (!this.#shown) return;
    context.beginPath();
    context.arc(this.#at.x * size, this.#at.y * size, (penWidth / 2) * size, 0, 2 * Math.PI);
    context.lineWidth = Math.max(1, size / 150);
    context.strokeStyle = context.fillStyle = colour;
    context.stroke();
    if (this.#isDown) context.fill();
  }

  #move({ right, down }: ArrowStep, times: number, strokes: Drawing): void {
    const inside = (value: number) => Math.min(1, Math.max(0, value));
    this.#at = {
      x: inside(this.#at.x + right * reach * times),
      y: inside(this.#at.y + down * reach * times),
    };
    this.#shown = true;
    if (this.#isDown) strokes.extend(this.#at);
  }

  #toggle(strokes: Drawing): void {
    this.#isDown = !this.#isDown;
    this.#shown = true;
    if (this.#isDown) strokes.begin(this.#at);
  }
}

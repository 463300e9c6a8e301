import { arrowStep } from "../../arrow-keys.ts";
import { button, element } from "../../dom.ts";

/** Milliseconds that a stage stays when it goes by itself: long enough to read its words. */
const stageMs = 7000;

/** Goes through stages: one by one, by number, or by itself. */
export class Stepper {
  readonly list = element("ol", { class: "story-stages", "aria-label": "Stages of the step" });
  readonly controls: HTMLElement;
  readonly #go: (stage: number) => void;
  readonly #back = button("Back", () => this.#by(-1));
  readonly #next = button("Next", () => this.#by(1), { class: "primary" });
  readonly #play = button("Play", () => this.#toggle(), { class: "play" });
  #buttons: HTMLButtonElement[] = [];
  #at = 0;
  #timer: ReturnType<typeof setInterval> | undefined;

  /** @param within where the arrow keys go from stage to stage */
  constructor(within: HTMLElement, go: (stage: number) => void) {
    this.#go = go;
    this.controls = element("div", { class: "story-controls" }, this.#back, this.#next, this.#play);
    within.addEventListener("keydown", (event) => {
      const by = arrowStep(event)?.right;
      // Others scroll, and elsewhere these do too, or move a cursor.
      if (!by || (event.target as Element).closest("pre, input")) return;
      event.preventDefault();
      this.#by(by);
      if (this.list.contains(document.activeElement)) this.#buttons[this.#at].focus();
    });
  }

  set titles(titles: readonly string[]) {
    this.pause();
    this.#buttons = titles.map((title, index) => {
      const made = button("", () => this.#to(index), {});
      made.append(
        element("span", { class: "stage-number" }, String(index + 1)),
        element("span", { class: "stage-title" }, title),
      );
      return made;
    });
    this.list.replaceChildren(...this.#buttons.map((each) => element("li", {}, each)));
  }

  /** The stage that is shown. */
  set at(stage: number) {
    this.#at = stage;
    this.#buttons.forEach((each, index) => {
      if (index === stage) each.setAttribute("aria-current", "step");
      else each.removeAttribute("aria-current");
    });
    // Not `disabled`: a button that has the focus would lose it.
    this.#back.setAttribute("aria-disabled", String(stage === 0));
    this.#next.setAttribute("aria-disabled", String(this.#isLast));
  }

  pause(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#play.textContent = "Play";
  }

  get #isLast(): boolean {
    return this.#at === this.#buttons.length - 1;
  }

  #by(stages: number): void {
    this.#to(Math.max(0, Math.min(this.#at + stages, this.#buttons.length - 1)));
  }

  /** Who goes somewhere wants to stay there. */
  #to(stage: number): void {
    this.pause();
    if (stage !== this.#at) this.#go(stage);
  }

  #toggle(): void {
    if (this.#timer !== undefined) {
      this.pause();
      return;
    }
    this.#go(this.#isLast ? 0 : this.#at + 1);
    this.#play.textContent = "Pause";
    this.#timer = setInterval(() => {
      this.#go(this.#at + 1);
      if (this.#isLast) this.pause();
    }, stageMs);
  }
}

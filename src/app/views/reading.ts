import type { ImageShape } from "../../data/dataset.ts";
import { percentage } from "../../data/percentage.ts";
import type { FloatArray } from "../../model/parameters.ts";
import { button, byId, element, keepingFocus } from "../dom.ts";
import { isBlank } from "../earlier-runs.ts";
import type { Inside } from "../inside.ts";
import { themeChanged } from "../theme.ts";
import type { Training } from "../training.ts";
import { shownClass } from "./class-name.ts";
import { drawDigit } from "./digit-picture.ts";

/** How long the answer must stand before it is read aloud. */
const announceMs = 700;

/**
 * What the network makes of the pad: the image that it is shown, and the probability of each class, live.
 * @param openTrained puts a trained network in the place of one that knows nothing
 */
export function showReading(
  training: Training,
  inside: Inside,
  announce: (text: string) => void,
  openTrained: () => void,
): void {
  const view = new ReadingView(button("open a trained one", openTrained, { class: "in-text" }));
  let announced: ReturnType<typeof setTimeout>;
  const showImage = () => {
    const { origin, imageRead: image } = inside;
    const { dataset } = training;
    view.classes = classNamesOf(training);
    view.showImage(
      image,
      dataset.test,
      origin && `${origin.name} image ${origin.index}, labelled ${shownClass(dataset, origin.label)}`,
    );
    clearTimeout(announced);
    announced = setTimeout(() => image && announce(view.answer), announceMs);
  };
  const showAnswer = () => {
    view.show(inside.answer?.layers.at(-1)?.A, isBlank(training.record));
  };
  inside.imageChanged.listen(showImage);
  inside.answered.listen(showAnswer);
  training.replaced.listen(showAnswer);
  themeChanged.listen(showImage);
  showImage();
}

/** What each class is called, and the layer whose units they are. */
function classNamesOf({ dataset, config }: Training) {
  const names = Array.from({ length: dataset.classes }, (_, index) => shownClass(dataset, index));
  return { names, layer: config.hidden.length };
}

class ReadingView {
  readonly #image = element("canvas", { class: "digit", role: "img" });
  readonly #answer = element("p", { class: "answer" });
  readonly #origin = element("p", { class: "hint" });
  readonly #why = element("button", { type: "button", id: "why", hidden: "" }, "Why?");
  readonly #remark: HTMLElement;
  readonly #bars = element("table", { class: "bars" });
  #key = "";
  #names: readonly string[] = [];
  #fills: HTMLElement[] = [];
  #texts: HTMLElement[] = [];

  /** @param openTrained what else one can do with a network that knows nothing */
  constructor(openTrained: HTMLButtonElement) {
    const remark = ["It knows nothing yet: this is a guess. Press Train, or ", openTrained, "."];
    this.#remark = element("p", { class: "remark" }, ...remark);
    const caption = element("figcaption", {}, "what the network sees");
    const input = element("figure", { class: "network-input" }, this.#image, caption);
    const side = element("div", { class: "verdict" }, this.#answer, this.#why, this.#origin);
    const row = element("div", { class: "reading-row" }, input, side);
    byId("reading").append(row, this.#remark, this.#bars);
  }

  set classes({ names, layer }: ReturnType<typeof classNamesOf>) {
    const key = [layer, ...names].join();
    if (key === this.#key) return;
    this.#key = key;
    this.#names = names;
    byId("reading").classList.toggle(
      "named",
      names.some((name) => name.length > 2),
    );
    this.#fills = names.map(() => element("div", { class: "fill" }));
    this.#texts = names.map(() => element("td", { class: "amount" }));
    const rows = names.map((name, index) =>
      element(
        "tr",
        { "data-layer": String(layer), "data-unit": String(index) },
        element(
          "th",
          { scope: "row" },
          element("button", { type: "button", title: `How much of a ${name}?` }, name),
        ),
        element("td", { class: "track" }, element("div", { class: "rail" }, this.#fills[index])),
        this.#texts[index],
      ),
    );
    this.#bars.replaceChildren(
      element("caption", { class: "visually-hidden" }, "Probability of each class"),
      element("tbody", {}, ...rows),
    );
  }

  /** What was answered last, in words. */
  get answer(): string {
    return this.#answer.dataset.words ?? "";
  }

  showImage(image: Uint8Array | undefined, size: ImageShape, origin = ""): void {
    drawDigit(this.#image, image ?? new Uint8Array(size.rows * size.columns), size);
    const label = image ? "What is on the pad, as the network sees it" : "Nothing to see yet";
    this.#image.setAttribute("aria-label", `${label}, ${size.rows} by ${size.columns} pixels`);
    this.#origin.textContent = image ? origin : "Draw with mouse, finger or pen.";
  }

  /** @param untrained it has learnt nothing yet, and says so */
  show(answer: FloatArray | undefined, untrained: boolean): void {
    const probabilities = answer && [...answer].every(Number.isFinite) ? answer : undefined;
    const best = probabilities ? probabilities.indexOf(Math.max(...probabilities)) : -1;
    this.#fills.forEach((fill, index) => {
      const share = probabilities?.[index] ?? 0;
      fill.style.setProperty("transform", `scaleX(${share})`);
      this.#texts[index].textContent = probabilities ? percent(share) : "";
      fill.closest("tr")!.classList.toggle("best", index === best);
    });
    this.#answer.replaceChildren(
      ...(probabilities
        ? [element("b", {}, this.#names[best]), element("span", {}, percent(probabilities[best]))]
        : ["?", ...(answer ? [element("span", {}, "no number: its weights are too large")] : [])]),
    );
    this.#answer.dataset.words = probabilities
      ? `The network reads a ${this.#names[best]}, probability ${percent(probabilities[best])}.`
      : "";
    keepingFocus(() => {
      this.#why.hidden = !probabilities;
      this.#remark.hidden = !(probabilities && untrained);
    });
  }
}

function percent(share: number): string {
  return `${percentage(share, share > 0.0995 && share < 0.995 ? 0 : 1)}%`;
}

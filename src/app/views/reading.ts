import { prepareImage } from "../../data/prepare-image.ts";
import { UserError } from "../../errors.ts";
import { byId, element } from "../dom.ts";
import { themeChanged } from "../theme.ts";
import type { Training } from "../training.ts";
import { drawDigit, imageAt } from "./digit-picture.ts";
import type { Pad } from "./pad.ts";

/** How long the answer must stand before it is read aloud. */
const announceMs = 700;

/** What the network makes of the pad: the image that it is shown, and the probability of each class, live. */
export function showReading(training: Training, pad: Pad, announce: (text: string) => void): void {
  const view = new ReadingView(training.dataset.classes);
  let image: Uint8Array | undefined;
  let asking = false;
  let askAgain = false;
  let announced: ReturnType<typeof setTimeout>;

  const ask = async () => {
    askAgain = asking;
    if (asking) return;
    asking = true;
    const shown = image;
    const probabilities = shown && (await training.predict(shown));
    asking = false;
    // The pad was cleared, or drawn on, while the network was thinking.
    if (shown === image || askAgain) view.show(image && probabilities);
    if (askAgain) void ask();
  };
  const prepare = () => {
    const { test } = training.dataset;
    image = pad.strokes.blank ? undefined : prepared(pad, test);
    const { backdrop } = pad.strokes;
    view.showImage(
      image,
      test,
      backdrop &&
        `${backdrop.split === test ? "test" : "validation"} image ${backdrop.index}, ` +
          `labelled ${backdrop.split.labels[backdrop.index]}`,
    );
    void ask();
    clearTimeout(announced);
    announced = setTimeout(() => image && announce(view.answer), announceMs);
  };
  pad.changed.listen(prepare);
  training.weightsRead.listen(() => image && void ask());
  themeChanged.listen(prepare);
  training.replaced.listen(() => {
    view.classes = training.dataset.classes;
    prepare();
  });
  prepare();
}

/** The pad as the network is shown it; nothing if there is too little on it. */
function prepared({ strokes }: Pad, target: { rows: number; columns: number }): Uint8Array | undefined {
  const { backdrop } = strokes;
  // A test image alone is in the network's form, and read as it was when the test figures were measured.
  if (backdrop && strokes.strokes.length === 0) return imageAt(backdrop.split, backdrop.index).slice();
  try {
    return prepareImage(strokes.picture(), target, "The drawing");
  } catch (error) {
    if (error instanceof UserError) return undefined;
    throw error;
  }
}

class ReadingView {
  readonly #image = element("canvas", { class: "digit", role: "img" });
  readonly #answer = element("p", { class: "answer" });
  readonly #origin = element("p", { class: "hint" });
  readonly #bars = element("table", { class: "bars" });
  #fills: HTMLElement[] = [];
  #texts: HTMLElement[] = [];

  constructor(classes: number) {
    const caption = element("figcaption", {}, "what the network sees");
    const seen = element("figure", { class: "seen" }, this.#image, caption);
    const side = element("div", { class: "verdict" }, this.#answer, this.#origin);
    byId("reading").append(element("div", { class: "seen-row" }, seen, side), this.#bars);
    this.classes = classes;
  }

  set classes(count: number) {
    if (count === this.#fills.length) return;
    this.#fills = Array.from({ length: count }, () => element("div", { class: "fill" }));
    this.#texts = Array.from({ length: count }, () => element("td", { class: "amount" }));
    const rows = this.#fills.map((fill, index) =>
      element(
        "tr",
        {},
        element("th", { scope: "row" }, String(index)),
        element("td", { class: "track" }, element("div", { class: "rail" }, fill)),
        this.#texts[index],
      ),
    );
    this.#bars.replaceChildren(
      element("caption", { class: "unseen" }, "Probability of each digit"),
      element("tbody", {}, ...rows),
    );
  }

  /** What was answered last, in words. */
  get answer(): string {
    return this.#answer.dataset.words ?? "";
  }

  showImage(image: Uint8Array | undefined, size: { rows: number; columns: number }, origin = ""): void {
    drawDigit(this.#image, image ?? new Uint8Array(size.rows * size.columns), size);
    const label = image ? "What is on the pad, as the network sees it" : "Nothing to see yet";
    this.#image.setAttribute("aria-label", `${label}, ${size.rows} by ${size.columns} pixels`);
    this.#origin.textContent = image ? origin : "Draw with mouse, finger or pen.";
  }

  show(probabilities: Float32Array | undefined): void {
    const best = probabilities ? probabilities.indexOf(Math.max(...probabilities)) : -1;
    this.#fills.forEach((fill, index) => {
      const share = probabilities?.[index] ?? 0;
      fill.style.setProperty("transform", `scaleX(${share})`);
      this.#texts[index].textContent = probabilities ? percent(share) : "";
      fill.closest("tr")!.classList.toggle("best", index === best);
    });
    this.#answer.replaceChildren(
      ...(probabilities
        ? [element("b", {}, String(best)), element("span", {}, percent(probabilities[best]))]
        : ["?"]),
    );
    this.#answer.dataset.words = probabilities
      ? `The network reads a ${best}, probability ${percent(probabilities[best])}.`
      : "";
  }
}

function percent(share: number): string {
  return `${(100 * share).toFixed(share > 0.0995 && share < 0.9995 ? 0 : 1)}%`;
}

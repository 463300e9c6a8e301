import { type ConfusionMatrix, classResults, confusionMatrix } from "../../data/confusion.ts";
import { percentage } from "../../data/percentage.ts";
import { button, byId, element, setVariable } from "../dom.ts";
import type { Backdrop } from "../drawing.ts";
import { paced } from "../frames.ts";
import { themeChanged } from "../theme.ts";
import type { Training } from "../training.ts";
import { shownClass } from "./class-name.ts";
import { digitTile } from "./digit-picture.ts";
import { listenToArrows } from "./grid-keys.ts";
import { showUnread } from "./unread.ts";

/** Images of a cell that are shown. */
const mostImages = 120;

/** How often each digit was taken for each; a cell opens its images. `place` puts one of them on the pad. */
export function showConfusion(training: Training, place: (image: Backdrop) => void): void {
  const container = byId("confusion");
  const dialog = element("dialog", { class: "images", "aria-labelledby": "images-title" });
  document.body.append(dialog);
  let grid: Grid | undefined;
  const draw = paced(() => {
    const { evaluation, dataset, watched } = training;
    if (!evaluation) {
      grid = undefined;
      showUnread(container, training);
      return;
    }
    container.style.removeProperty("min-height");
    const matrix = confusionMatrix(watched.split.labels, evaluation.classes, dataset.classes);
    const names = Array.from({ length: matrix.classes }, (_, label) => shownClass(dataset, label));
    if (grid?.key !== names.join("\n")) {
      grid = new Grid(names, (label, predicted) => openImages(dialog, training, label, predicted, place));
      container.replaceChildren(element("div", { class: "scroll" }, grid.table));
    }
    grid.show(matrix);
  }, 250);
  for (const signal of [training.evaluated, training.replaced, themeChanged]) signal.listen(draw);
  // What it shows is the answer of the network before.
  training.replaced.listen(() => dialog.close());
  draw();
}

/** The matrix as a table of buttons. */
class Grid {
  readonly table: HTMLTableElement;
  readonly #cells: HTMLButtonElement[][];
  readonly #accuracies: HTMLElement[];

  constructor(
    /** What the classes are called. */
    readonly names: readonly string[],
    open: (label: number, predicted: number) => void,
  ) {
    const all = [...names.keys()];
    this.#cells = all.map((label) => all.map((predicted) => button("", () => open(label, predicted))));
    this.#accuracies = all.map(() => element("td", { class: "accuracy" }));
    const head = names.map((name) => element("th", { scope: "col" }, element("span", {}, name)));
    const rows = all.map((label) =>
      element(
        "tr",
        {},
        element("th", { scope: "row" }, names[label]),
        ...this.#cells[label].map((cell) => element("td", {}, cell)),
        this.#accuracies[label],
      ),
    );
    const corner = element("td", { class: "corner" }, "is \\ read as");
    this.table = element(
      "table",
      { class: names.some((name) => name.length > 2) ? "matrix named" : "matrix" },
      element(
        "caption",
        { class: "visually-hidden" },
        "Images by their class (rows) and the class read (columns)",
      ),
      element("thead", {}, element("tr", {}, corner, ...head, element("th", { scope: "col" }, "% right"))),
      element("tbody", {}, ...rows),
    );
    setVariable(this.table, "--classes", names.length);
    listenToArrows(this.table, this.#cells);
  }

  get key(): string {
    return this.names.join("\n");
  }

  show(matrix: ConfusionMatrix): void {
    const { names } = this;
    const results = classResults(matrix);
    for (const [label, { images, accuracy }] of results.entries()) {
      for (const [predicted, cell] of this.#cells[label].entries()) {
        const count = matrix.counts[label * names.length + predicted];
        const key = `${count} of ${images}`;
        // There may be thousands of cells, and few that changed.
        if (cell.dataset.of === key) continue;
        cell.dataset.of = key;
        cell.textContent = count === 0 ? "·" : String(count);
        cell.className = label === predicted ? "right" : "wrong";
        // The square root shows the rare mistakes beside the common ones.
        cell.style.setProperty("--share", String(Math.sqrt(count / Math.max(1, images)).toFixed(3)));
        const what =
          label === predicted
            ? `${names[label]} read as ${names[label]}`
            : `${names[label]} taken for ${names[predicted]}`;
        cell.setAttribute("aria-label", `${what}: ${key}`);
      }
      this.#accuracies[label].textContent = accuracy === undefined ? "" : percentage(accuracy, 1);
    }
  }
}

function openImages(
  dialog: HTMLDialogElement,
  training: Training,
  label: number,
  predicted: number,
  place: (image: Backdrop) => void,
): void {
  const { evaluation, watched, dataset } = training;
  if (!evaluation) return;
  const [own, other] = [label, predicted].map((of) => shownClass(dataset, of));
  const { labels } = watched.split;
  const members = [...labels.keys()].filter(
    (index) => labels[index] === label && evaluation.classes[index] === predicted,
  );
  const what = label === predicted ? `${own}, read as such` : `${own}, taken for ${other}`;
  const shown = members.slice(0, mostImages);
  const rest = members.length > shown.length ? `, the first ${shown.length} of them` : "";
  const count = `${members.length} ${watched.name} image${members.length === 1 ? "" : "s"}${rest}`;
  const pick = (image: Backdrop) => {
    dialog.close();
    place(image);
  };
  dialog.replaceChildren(
    element(
      "header",
      {},
      element("h2", { id: "images-title" }, what),
      element("p", { class: "hint" }, `${count}. Press one to put it on the pad.`),
      button("Close", () => dialog.close()),
    ),
    element(
      "div",
      { class: "tiles" },
      ...shown.map((index) => digitTile(watched.split, index, `${index}`, what, pick)),
    ),
  );
  dialog.showModal();
}

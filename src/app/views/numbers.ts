import { percentage } from "../../data/percentage.ts";
import { byId, element } from "../dom.ts";
import { paced } from "../frames.ts";
import { type RunRecord, rateText } from "../record.ts";
import { thin } from "../step-series.ts";
import type { Training } from "../training.ts";
import { lossText } from "./loss-axis.ts";

/** Rows of a table: longer runs are thinned out, the newest rows of epochs kept. */
const mostRows = 500;

/** A cell's number: shown with few digits, with all of them for those who read the page by program. */
type Cell = { readonly value: number; readonly text: string } | string;

const count = (value: number): Cell => ({ value, text: value.toLocaleString("en") });
const loss = (value: number | undefined): Cell =>
  value === undefined ? "" : { value, text: value > 0 && value < 0.001 ? lossText(value) : value.toFixed(4) };
const rate = (value: number): Cell => ({ value, text: rateText(value) });
const share = (value: number | undefined): Cell =>
  value === undefined ? "" : { value, text: `${percentage(value, 2)}%` };

/** What the charts show, as tables; filled only while they are open. */
export function showNumbers(training: Training): void {
  const details = byId<HTMLDetailsElement>("numbers");
  const body = details.querySelector("div")!;
  const [epochs, steps, runs] = [new Table(), new Table(), new Table()];
  body.append(epochs.node, steps.node, runs.node);
  const fill = paced(() => {
    if (!details.open) return;
    const { record, earlier, watched } = training;
    const name = watched.name === "test" ? "Test" : "Validation";
    epochs.show(
      "Epochs",
      ["Epoch", "Step", "Training loss", "Training accuracy", `${name} loss`, `${name} accuracy`],
      epochRows(record),
    );
    steps.show(
      stepCaption(record),
      ["Step", "Training loss", "Training accuracy", "Learning rate"],
      stepRows(record),
    );
    runs.show(
      "Runs, newest first",
      ["Run", "Network", "Learning rate", "Batch size", "Seed", "Steps", "Test accuracy"],
      [record, ...earlier.all.map(({ record }) => record)].map(runRow),
    );
  }, 1000);
  details.addEventListener("toggle", fill);
  const { progressed, evaluated, replaced, phaseChanged } = training;
  for (const signal of [progressed, evaluated, replaced, phaseChanged]) signal.listen(fill);
}

function epochRows({ epochs, evaluations, stepsPerEpoch }: RunRecord): Cell[][] {
  const byStep = <Row extends { readonly step: number }>(rows: readonly Row[]) =>
    new Map(rows.slice(-mostRows).map((row) => [row.step, row]));
  const trained = byStep(epochs);
  const evaluated = byStep(evaluations);
  return [...new Set([...trained.keys(), ...evaluated.keys()])]
    .sort((a, b) => a - b)
    .slice(-mostRows)
    .map((step) => [
      count(Math.round((step / stepsPerEpoch) * 100) / 100),
      count(step),
      loss(trained.get(step)?.loss),
      share(trained.get(step)?.accuracy),
      loss(evaluated.get(step)?.loss),
      share(evaluated.get(step)?.accuracy),
    ]);
}

function stepRows({ series }: RunRecord): Cell[][] {
  const losses = thin(series.loss, mostRows);
  const accuracies = thin(series.accuracy, mostRows);
  const rates = thin(series.learningRate, mostRows);
  return losses.steps.map((step, index) => [
    count(step),
    loss(losses.values[index]),
    share(accuracies.values[index]),
    rate(rates.values[index]),
  ]);
}

function stepCaption({ series }: RunRecord): string {
  const { last } = series;
  return last <= mostRows
    ? "Steps"
    : `Steps: means of ${Math.ceil(last / mostRows)} or so, up to the one named`;
}

function runRow({ number, config, network, series, evaluations, final }: RunRecord): Cell[] {
  const { learningRate, batchSize, seed, validation } = config;
  // Figures of the test split from before it was trained further are of another network.
  const read = validation === 0 ? evaluations.at(-1) : final?.step === series.last ? final : undefined;
  return [
    String(number),
    network,
    rate(learningRate),
    count(batchSize),
    String(seed),
    count(series.last),
    share(read?.accuracy),
  ];
}

/** A table whose rows change while somebody reads it. */
class Table {
  readonly #caption = element("caption");
  readonly #head = element("tr");
  readonly #body = element("tbody");
  /** Scrollable by keyboard too; it stays, and with it the focus and the place that it is scrolled to. */
  readonly node = element(
    "div",
    { class: "scroll", tabindex: "0", role: "region" },
    element("table", {}, this.#caption, element("thead", {}, this.#head), this.#body),
  );

  show(caption: string, headings: readonly string[], rows: readonly (readonly Cell[])[]): void {
    this.node.setAttribute("aria-label", caption);
    this.#caption.textContent = caption;
    this.#head.replaceChildren(...headings.map((heading) => element("th", { scope: "col" }, heading)));
    this.#body.replaceChildren(...rows.map((row) => element("tr", {}, ...row.map(cell))));
  }
}

function cell(content: Cell): HTMLTableCellElement {
  if (typeof content === "string") return element("td", {}, content);
  return element("td", {}, element("data", { value: String(content.value) }, content.text));
}

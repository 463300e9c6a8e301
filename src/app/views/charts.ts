import { byId, element } from "../dom.ts";
import { paced } from "../frames.ts";
import { type RunRecord, rateText } from "../record.ts";
import { type Curve, smooth, thin } from "../step-series.ts";
import type { Training } from "../training.ts";
import { type ChartData, LineChart, type LineStyle } from "./line-chart.ts";

/** Points of a line: more than a chart is wide shows nothing more. */
const mostPoints = 600;
/** Earlier runs that have a line. */
const earlierLines = 6;

const lines: readonly LineStyle[] = [
  ...Array.from({ length: earlierLines }, (): LineStyle => ({ colour: "quiet", alpha: 0.35, width: 1 })),
  { colour: "train", alpha: 0.25, width: 1 },
  { name: "training", colour: "train", alpha: 1, width: 2 },
  { name: "evaluated", colour: "test", alpha: 1, width: 2, dots: true },
];
const rateLine: LineStyle = { name: "learning rate", colour: "train", alpha: 1, width: 2 };

const percent = (value: number) => `${(100 * value).toFixed(value > 0.9 && value < 1 ? 1 : 0)}%`;

type Metric = "loss" | "accuracy";

/** Loss and accuracy while they change, with earlier runs as faint lines; the learning rate if it changes. */
export function showCharts(training: Training): void {
  const container = byId("charts");
  const charts: Record<Metric, LineChart> = {
    loss: new LineChart(container, { title: "Loss", lines, format: formatLoss }),
    accuracy: new LineChart(container, { title: "Accuracy", lines, format: percent, most: 1 }),
  };
  const rate = new LineChart(container, {
    ...{ title: "Learning rate", lines: [rateLine], format: rateText, leastSpan: 0 },
  });
  const options = chartOptions(() => draw());
  const draw = paced(() => {
    const { unit, logarithmic, smoothing } = options();
    for (const metric of ["loss", "accuracy"] as const) {
      const curves = curvesOf(training, metric, unit, smoothing);
      charts[metric].show({
        ...{ curves, unit, logarithmic: logarithmic && metric === "loss" },
        names: { evaluated: training.watched.name },
      });
    }
    const { record } = training;
    rate.visible = record.rateChanges;
    const curves = [inUnit(record.series.learningRate, unit, record)];
    if (record.rateChanges) rate.show({ curves, unit, logarithmic: false });
  });
  for (const signal of [training.progressed, training.evaluated, training.replaced]) signal.listen(draw);
  draw();
}

interface Options {
  readonly unit: ChartData["unit"];
  readonly logarithmic: boolean;
  /** Weight of what came before, 0 to 1. */
  readonly smoothing: number;
}

/** The switches above the charts; returns what they say now. */
function chartOptions(changed: () => void): () => Options {
  const epochs = element("input", { type: "checkbox", id: "by-epoch" });
  const logarithmic = element("input", { type: "checkbox", id: "logarithmic" });
  const smoothing = element("input", { type: "range", id: "smoothing", min: "0", max: "0.99", step: "0.01" });
  smoothing.value = "0.9";
  byId("chart-options").append(
    element("label", {}, epochs, "by epoch"),
    element("label", {}, logarithmic, "logarithmic loss"),
    element("label", {}, "smoothing", smoothing),
  );
  for (const input of [epochs, logarithmic, smoothing]) input.addEventListener("input", changed);
  return () => ({
    unit: epochs.checked ? "epoch" : "step",
    logarithmic: logarithmic.checked,
    smoothing: Number(smoothing.value),
  });
}

/** The curves in the order of `lines`. */
function curvesOf(training: Training, metric: Metric, unit: ChartData["unit"], smoothing: number): Curve[] {
  const { record } = training;
  const steps = record.series[metric];
  const smoothed = smooth(steps, smoothing);
  const epochs = curveOf(record.epochs, metric);
  const [faint, strong] = unit === "step" ? [steps, smoothed] : [smoothed, epochs];
  const earlier = Array.from({ length: earlierLines }, (_, index): Curve => {
    const run = training.earlier[index];
    if (!run) return { steps: [], values: [] };
    return inUnit(
      unit === "step" ? smooth(run.series[metric], smoothing) : curveOf(run.epochs, metric),
      unit,
      run,
    );
  });
  const evaluations = curveOf(record.evaluations, metric);
  return [...earlier, ...[faint, strong, evaluations].map((curve) => inUnit(curve, unit, record))];
}

function curveOf(
  rows: readonly { readonly step: number; readonly loss: number; readonly accuracy: number }[],
  metric: Metric,
): Curve {
  return { steps: rows.map(({ step }) => step), values: rows.map((row) => row[metric]) };
}

/** A curve fit for drawing: not too many points, x in steps or epochs. */
function inUnit(curve: Curve, unit: ChartData["unit"], { stepsPerEpoch }: RunRecord): Curve {
  const { steps, values } = thin(curve, mostPoints);
  return unit === "step" ? { steps, values } : { steps: steps.map((step) => step / stepsPerEpoch), values };
}

function formatLoss(value: number): string {
  return value >= 0.1 ? value.toFixed(2) : value.toPrecision(2);
}

import { percentage } from "../../data/percentage.ts";
import type { Config } from "../../model/settings.ts";
import { changesImages } from "../../reference/augment.ts";
import { byId, element } from "../dom.ts";
import { paced } from "../frames.ts";
import { type RunRecord, rateText } from "../record.ts";
import { runColour, runTitle } from "../run-names.ts";
import { type Curve, smooth, thin } from "../step-series.ts";
import type { Exploration } from "../sweep/exploration.ts";
import type { Training } from "../training.ts";
import { type ChartData, LineChart, type LineStyle } from "./line-chart.ts";
import { lossText } from "./loss-axis.ts";

/** Points of a line: more than a chart is wide shows nothing more. */
const mostPoints = 600;

const percent = (value: number) => `${percentage(value, value > 0.9 && value < 1 ? 1 : 0)}%`;

type Metric = "loss" | "accuracy";

/** Loss and accuracy while they change, beside those of earlier runs that are not hidden; the learning rate if it changes. */
export function showCharts(training: Training, exploration: Exploration): void {
  const container = byId("charts");
  const charts: Record<Metric, LineChart> = {
    loss: new LineChart(container, { title: "Loss", format: lossText }),
    accuracy: new LineChart(container, { title: "Accuracy", format: percent, most: 1 }),
  };
  const rate = new LineChart(container, { title: "Learning rate", format: rateText, leastSpan: 0 });
  const note = element("p", { class: "hint" });
  container.after(note);
  const options = chartOptions(() => draw());
  const draw = paced(() => {
    const { unit, logarithmic } = options();
    for (const metric of ["loss", "accuracy"] as const) {
      const plotted = [
        ...seedLines(exploration, metric, options()),
        ...earlierLines(training, metric, options()),
        ...ownLines(training, metric, options()),
      ];
      charts[metric].show({
        lines: plotted.map(({ style }) => style),
        curves: plotted.map(({ curve }) => curve),
        ...{ unit, logarithmic: logarithmic && metric === "loss" },
      });
    }
    const { record, config } = training;
    rate.visible = record.rateChanges;
    const curves = [inUnit(record.series.learningRate, unit, record)];
    if (record.rateChanges) rate.show({ lines: [rateLine], curves, unit, logarithmic: false });
    note.textContent = incomparable(config);
    note.hidden = note.textContent === "";
  });
  const { progressed, evaluated, replaced, earlier } = training;
  for (const signal of [progressed, evaluated, replaced, earlier.changed, exploration.changed])
    signal.listen(draw);
  draw();
}

/** Why training and test figures do not measure the same, if they do not. */
function incomparable(config: Config): string {
  const { labelSmoothing, hiddenDropout } = config;
  const changed = changesImages(config) ? "images as augmentation changes them" : "";
  const thinned = hiddenDropout > 0 ? "a network with units left out" : "";
  const smoothed = labelSmoothing > 0 ? `targets smoothed by ${labelSmoothing}` : "";
  const loss = [smoothed, changed, thinned].filter(Boolean).join(", ");
  if (!loss) return "";
  const rest = smoothed && !changed && !thinned ? " The accuracies can be compared." : "";
  return `The training loss is of ${loss}; the test loss is not. They cannot be compared with one another.${rest}`;
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

/** A line and where it goes. */
interface Plotted {
  readonly style: LineStyle;
  readonly curve: Curve;
}

const rateLine: LineStyle = { name: "learning rate", colour: "train", alpha: 1, width: 2 };

/** The run on the page: its steps faintly, their trend, and what evaluations found. */
function ownLines({ record, watched }: Training, metric: Metric, { unit, smoothing }: Options): Plotted[] {
  const steps = record.series[metric];
  const smoothed = smooth(steps, smoothing);
  const [faint, strong] = unit === "step" ? [steps, smoothed] : [smoothed, curveOf(record.epochs, metric)];
  const plotted = (curve: Curve, style: LineStyle) => ({ style, curve: inUnit(curve, unit, record) });
  return [
    plotted(faint, { colour: "train", alpha: 0.25, width: 1 }),
    plotted(strong, { name: "training", colour: "train", alpha: 1, width: 2 }),
    plotted(curveOf(record.evaluations, metric), {
      ...{ name: watched.name, colour: "test", alpha: 1, width: 2, dots: true },
    }),
  ];
}

/** Networks of the same settings and other seeds: their mean, and a band from the lowest to the highest of them. */
function seedLines({ spread }: Exploration, metric: Metric, { unit }: Options): Plotted[] {
  const { seeds, epochs } = spread;
  if (epochs === 0) return [];
  const steps = seeds[0].epochs.slice(0, epochs).map(({ step }) => step);
  // Of their images, some of which are set apart: not the page's.
  const own = { stepsPerEpoch: steps[0] };
  const of = (figure: (values: number[]) => number): Curve => ({
    steps,
    values: steps.map((_, epoch) => figure(seeds.map((seed) => seed.epochs[epoch][metric]))),
  });
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const line = { colour: "seeds", width: 1 };
  return [
    {
      style: { ...line, alpha: 0.5 },
      curve: inUnit(
        of((values) => Math.max(...values)),
        unit,
        own,
      ),
    },
    {
      style: { ...line, alpha: 0.5, bandAbove: true },
      curve: inUnit(
        of((values) => Math.min(...values)),
        unit,
        own,
      ),
    },
    {
      style: { ...line, name: `${seeds.length} seeds`, compared: true, alpha: 1, width: 1.5, dots: true },
      curve: inUnit(of(mean), unit, own),
    },
  ];
}

/** Earlier runs, the newest on top: each in its hue, dashed in training, with dots where it was evaluated. */
function earlierLines({ earlier }: Training, metric: Metric, { unit, smoothing }: Options): Plotted[] {
  const shown = earlier.all.map(({ record }) => record).filter(({ hidden }) => !hidden);
  return shown.reverse().flatMap((record) => {
    const trained =
      unit === "step" ? smooth(record.series[metric], smoothing) : curveOf(record.epochs, metric);
    const colour = runColour(record);
    return [
      {
        style: { colour, alpha: 0.7, width: 1, dash: [4, 3] },
        curve: inUnit(trained, unit, record),
      },
      {
        style: {
          ...{ name: runTitle(record).toLowerCase(), compared: true, colour },
          ...{ alpha: 1, width: 1.5, dots: true },
        },
        curve: inUnit(curveOf(record.evaluations, metric), unit, record),
      },
    ];
  });
}

function curveOf(
  rows: readonly { readonly step: number; readonly loss: number; readonly accuracy: number }[],
  metric: Metric,
): Curve {
  // Epochs of few images become hundreds of thousands in an hour: more than are worth averaging, ten times a second.
  const stride = Math.ceil(rows.length / (8 * mostPoints));
  const some = rows.filter((_, at) => at % stride === 0 || at === rows.length - 1);
  return { steps: some.map(({ step }) => step), values: some.map((row) => row[metric]) };
}

/** A curve fit for drawing: not too many points, x in steps or epochs. */
function inUnit(
  curve: Curve,
  unit: ChartData["unit"],
  { stepsPerEpoch }: Pick<RunRecord, "stepsPerEpoch">,
): Curve {
  const { steps, values } = thin(curve, mostPoints);
  return unit === "step" ? { steps, values } : { steps: steps.map((step) => step / stepsPerEpoch), values };
}

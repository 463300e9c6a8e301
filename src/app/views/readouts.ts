import { percentage } from "../../data/percentage.ts";
import { byId, element } from "../dom.ts";
import { paced } from "../frames.ts";
import type { Training } from "../training.ts";

/** A figure with its name, and in smaller type what it is of. */
interface Readout {
  readonly name: (training: Training) => string;
  readonly value: (training: Training) => string;
  readonly detail?: (training: Training) => string;
}

const whole = (value: number) => Math.round(value).toLocaleString("en");

/** How many of 100 that is: 100 are all, never nearly all. */
const ofHundred = (share: number) => Math.min(Math.round(100 * share), share < 1 ? 99 : 100);

/** The figures beside the buttons, most important first. */
const readouts: readonly Readout[] = [
  {
    name: ({ watched }) => (watched.name === "test" ? "Test accuracy" : "Validation accuracy"),
    value: ({ evaluations: { reading } }) => (reading ? `reads ${ofHundred(reading.accuracy)} of 100` : "–"),
    detail: readingDetail,
  },
  {
    name: () => "Training accuracy",
    value: ({ record: { epochAccuracy } }) =>
      epochAccuracy === undefined ? "–" : `${ofHundred(epochAccuracy)} of 100`,
    detail: trainingDetail,
  },
  {
    name: () => "Epoch",
    value: ({ trainer, record, config }) =>
      `${fraction(record.series.last / trainer.stepsPerEpoch)} / ${whole(config.epochs)}`,
  },
  { name: () => "Step", value: ({ record }) => whole(record.series.last) },
  { name: () => "Elapsed", value: ({ seconds }) => duration(seconds) },
  { name: () => "Remaining", value: remaining },
];

/** Training in figures, a few times a second. */
export function showReadouts(training: Training): void {
  const shown = readouts.map(({ name, value, detail }, index) => {
    const nodes = [element("dt", {}), element("dd", {}), element("dd", { class: "detail" })];
    byId("readouts").append(
      element("div", index === 0 ? { class: "main" } : {}, ...nodes.slice(0, detail ? 3 : 2)),
    );
    return () => {
      for (const [at, text] of [name, value, detail].entries()) {
        const words = text?.(training) ?? "";
        if (nodes[at].textContent !== words) nodes[at].textContent = words;
      }
    };
  });
  const show = () => {
    for (const each of shown) each();
  };
  const soon = paced(show, 200);
  const { phaseChanged, replaced, progressed, evaluated, sampled } = training;
  for (const signal of [phaseChanged, replaced, progressed, evaluated, sampled]) signal.listen(soon);
  // Time passes even where a step takes long.
  setInterval(() => training.phase === "training" && soon(), 1000);
  show();
}

/** `97.31% of 10,000 images`, or of a sample. */
function readingDetail({ evaluations: { reading }, watched }: Training): string {
  if (!reading) return "";
  const { accuracy, images } = reading;
  const count = images.toLocaleString("en");
  const of = reading.whole ? `${count} images` : `a sample of ${count}`;
  const figures = images < watched.split.count || images < 1000 ? 1 : 2;
  return `${percentage(accuracy, figures)}% of ${of}`;
}

function trainingDetail({ record, trainer, phase }: Training): string {
  const { epochAccuracy, epochs } = record;
  if (epochAccuracy === undefined) return "";
  const underWay = record.series.last > (epochs.at(-1)?.step ?? 0);
  const epoch = Math.ceil(record.series.last / trainer.stepsPerEpoch);
  const so = underWay && phase === "training" ? " so far" : "";
  return `${percentage(epochAccuracy, 1)}% in epoch ${epoch}${so}`;
}

function remaining({ trainer, record }: Training): string {
  if (trainer.finished) return "0:00";
  const steps = trainer.totalSteps - record.series.last;
  return record.stepsPerSecond > 0 ? duration(steps / record.stepsPerSecond) : "–";
}

function fraction(epochs: number): string {
  return epochs >= 100 ? whole(Math.floor(epochs)) : (Math.floor(epochs * 10) / 10).toFixed(1);
}

/** `1:05` or `2:03:04`. */
function duration(seconds: number): string {
  const total = Math.round(seconds);
  const hours = Math.floor(total / 3600);
  const minutes = Math.floor(total / 60) % 60;
  const rest = String(total % 60).padStart(2, "0");
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, "0")}:${rest}` : `${minutes}:${rest}`;
}

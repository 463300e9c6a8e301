import { byId, element } from "../dom.ts";
import { paced } from "../frames.ts";
import type { Training } from "../training.ts";

type Readout = readonly [
  name: string | ((training: Training) => string),
  value: (training: Training) => string,
];

const whole = (value: number) => Math.round(value).toLocaleString("en");

/** The figures beside the buttons, most important first. */
const readouts: readonly Readout[] = [
  [
    ({ watched }) => (watched.name === "test" ? "Test accuracy" : "Validation accuracy"),
    ({ evaluation }) => (evaluation ? `${(100 * evaluation.accuracy).toFixed(2)}%` : "–"),
  ],
  [
    "Epoch",
    ({ trainer, config }) => `${fraction(trainer.step / trainer.stepsPerEpoch)} / ${whole(config.epochs)}`,
  ],
  ["Step", ({ record }) => whole(record.series.last)],
  ["Steps / s", ({ record }) => rate(record.stepsPerSecond)],
  ["Images / s", ({ record, config }) => rate(record.stepsPerSecond * config.batchSize)],
  ["Elapsed", ({ seconds }) => duration(seconds)],
  ["Remaining", remaining],
];

/** Training in figures, a few times a second. */
export function showReadouts(training: Training): void {
  const names = readouts.map(() => element("dt", {}));
  const values = readouts.map(() => element("dd", {}));
  byId("readouts").append(
    ...values.map((value, index) =>
      element("div", index === 0 ? { class: "main" } : {}, names[index], value),
    ),
  );
  const show = () => {
    readouts.forEach(([name, value], index) => {
      names[index].textContent = typeof name === "string" ? name : name(training);
      values[index].textContent = value(training);
    });
  };
  const soon = paced(show, 200);
  const { phaseChanged, replaced, progressed, evaluated } = training;
  for (const signal of [phaseChanged, replaced, progressed, evaluated]) signal.listen(soon);
  show();
}

function remaining({ trainer, record }: Training): string {
  const steps = trainer.totalSteps - trainer.step;
  if (steps <= 0) return "0:00";
  return record.stepsPerSecond > 0 ? duration(steps / record.stepsPerSecond) : "–";
}

function fraction(epochs: number): string {
  return epochs >= 100 ? whole(Math.floor(epochs)) : (Math.floor(epochs * 10) / 10).toFixed(1);
}

function rate(perSecond: number): string {
  if (perSecond === 0) return "–";
  return perSecond >= 10 ? whole(perSecond) : perSecond.toFixed(1);
}

/** `1:05` or `2:03:04`. */
function duration(seconds: number): string {
  const total = Math.round(seconds);
  const hours = Math.floor(total / 3600);
  const minutes = Math.floor(total / 60) % 60;
  const rest = String(total % 60).padStart(2, "0");
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, "0")}:${rest}` : `${minutes}:${rest}`;
}

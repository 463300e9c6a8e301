import { toast } from "./toasts.ts";
import type { Training } from "./training.ts";

/** Why training does not go on by itself, in words. */
export function finishedText({ trainer, config, watched }: Training): string {
  if (trainer.stoppedEarly) {
    return `Training has stopped: ${config.patience} evaluations of the ${watched.name} images brought nothing better.`;
  }
  const { epochs, steps } = config;
  const byEpochs = trainer.step >= epochs * trainer.stepsPerEpoch;
  const done = byEpochs ? count(epochs, "epoch") : count(steps, "step");
  return `Training is finished: ${done} ${byEpochs && epochs === 1 ? "is" : "are"} done.`;
}

/** Says why training is finished, and offers to go on where that needs nothing but more epochs. */
export function offerMore(training: Training, goOn: (epochs: number) => void): void {
  const { trainer, config } = training;
  const text = finishedText(training);
  if (trainer.stoppedEarly || isLimited(training)) {
    toast(`${text} Reset begins anew.`);
    return;
  }
  // As of now: the config has those that are in force when it is pressed.
  const { epochs } = config;
  const act = () => goOn(epochsBegun(training) + epochs);
  toast(text, "info", {
    choices: [{ label: `Train ${count(epochs, "more epoch")}`, act }],
    topic: "finished",
  });
}

/** Whether all steps are done that the settings allow, whatever the epochs. */
export function isLimited({ trainer, config }: Training): boolean {
  return config.steps > 0 && trainer.step >= config.steps;
}

/** Epochs of which there have been steps. */
export function epochsBegun({ trainer }: Training): number {
  return Math.ceil(trainer.step / trainer.stepsPerEpoch);
}

function count(number: number, what: string): string {
  return `${number.toLocaleString("en")} ${what}${number === 1 ? "" : "s"}`;
}

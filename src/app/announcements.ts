import { percentage } from "../data/percentage.ts";
import { announce } from "./toasts.ts";
import type { Training } from "./training.ts";

/** Figures are read aloud no more often than this. */
const restMs = 10_000;

/** Tells screen readers how training goes: its starts and stops, and now and then the accuracy. */
export function announceProgress(training: Training): void {
  let before = training.phase;
  let saidAt = performance.now();
  training.phaseChanged.listen(() => {
    const { phase, trainer } = training;
    if (phase === before) return;
    before = phase;
    if (phase === "training") announce("Training.");
    else if (phase === "recovering") announce("The GPU was lost. Asking for it again.");
    else announce(`${trainer.finished ? "Finished" : "Paused"} at step ${trainer.step}.`);
  });
  training.evaluated.listen(() => {
    const now = performance.now();
    if (training.phase === "training" && now - saidAt < restMs) return;
    saidAt = now;
    const { evaluation, evaluations, watched } = training;
    if (evaluation)
      announce(
        `Step ${evaluations.step}: ${watched.name} accuracy ${percentage(evaluation.accuracy, 1)} percent.`,
      );
  });
}

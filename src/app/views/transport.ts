import { button, byId, element } from "../dom.ts";
import { canUndo } from "../earlier-runs.ts";
import type { Training } from "../training.ts";

/** What the buttons and keys do. */
export interface Actions {
  toggle(): void;
  step(): void;
  epoch(): void;
  reset(): void;
}

/** The buttons that start and stop training. */
export function showTransport(training: Training, actions: Actions): void {
  const train = button("Train", actions.toggle, { class: "primary", "aria-keyshortcuts": "Space" });
  const others = [
    button("Step", actions.step, { "aria-keyshortcuts": "s", title: "Train one mini-batch" }),
    button("Epoch", actions.epoch, { title: "Train to the end of the epoch" }),
    button("Reset", actions.reset, { "aria-keyshortcuts": "r" }),
  ];
  byId("transport").append(train, element("div", { class: "group" }, ...others));
  const [step, epoch, reset] = others;
  /** Whether the last button brings back: what it says, a translation of the page may have changed. */
  let undoes = false;
  const show = () => {
    const { phase } = training;
    undoes = canUndo(training);
    reset.textContent = undoes ? "Bring back" : "Reset";
    reset.title = undoes
      ? "Bring back the network that was trained before"
      : "Begin anew from the same seed; the network is kept and can be brought back";
    const trains = phase === "training" || training.starts.waits;
    train.textContent = trains ? "Pause" : phase === "recovering" ? "…" : "Train";
    // Not `disabled`: a button that has the focus would lose it.
    train.setAttribute("aria-disabled", String(phase === "recovering"));
    for (const each of [step, epoch]) each.setAttribute("aria-disabled", String(phase !== "idle"));
  };
  const { phaseChanged, replaced, work } = training;
  for (const signal of [phaseChanged, replaced, work.changed]) signal.listen(show);
  training.progressed.listen(() => undoes && show());
  show();
}

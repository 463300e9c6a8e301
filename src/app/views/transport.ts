import { button, byId, element } from "../dom.ts";
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
    button("Reset", actions.reset, { "aria-keyshortcuts": "r", title: "Begin anew from the same seed" }),
  ];
  byId("transport").append(train, element("div", { class: "group" }, ...others));
  const show = () => {
    const { phase, trainer } = training;
    train.textContent = phase === "training" ? "Pause" : phase === "recovering" ? "…" : "Train";
    // Not `disabled`: a button that has the focus would lose it.
    train.setAttribute(
      "aria-disabled",
      String(phase === "recovering" || (phase === "idle" && trainer.finished)),
    );
    for (const each of others.slice(0, 2))
      each.setAttribute("aria-disabled", String(phase !== "idle" || trainer.finished));
  };
  for (const signal of [training.phaseChanged, training.replaced]) signal.listen(show);
  show();
}

import { SingleBar } from "cli-progress";
import { takesEscapes } from "../../node/terminal.ts";
import type { StepsEvent } from "../../training/events.ts";
import { duration, rate } from "../format.ts";
import type { StatusLine } from "../output.ts";

/** How far training is. */
export interface Progress extends StatusLine {
  update(event: StepsEvent): void;
}

/** A bar at the bottom of a terminal. */
export interface StatusBar extends StatusLine {
  /** Draws it anew. @param payload what its format names */
  update(done: number, payload: Readonly<Record<string, string | number>>): void;
}

/**
 * A bar at the bottom of a terminal; nothing elsewhere.
 * @param stream where it is drawn, normally stderr
 * @param format what it shows, as cli-progress has it
 * @param total what `done` comes to in the end
 */
export function statusBar(stream: NodeJS.WriteStream, format: string, total: number): StatusBar {
  if (!takesEscapes(stream)) return { update: () => {}, clear: () => {} };
  const bar = new SingleBar({
    ...{ stream, format, barsize: 16, clearOnComplete: true },
    // With `linewrap` the line is cut to the terminal's width, and the terminal's own setting stays as it is.
    linewrap: true,
  });
  let drawn = false;
  return {
    update(done, payload) {
      if (drawn) bar.update(done, payload);
      else bar.start(total, done, payload);
      drawn = true;
    },
    // The bar remembers where on the screen it began, which is wrong as soon as a line was printed: it starts anew.
    clear() {
      if (drawn) bar.stop();
      drawn = false;
    },
  };
}

/**
 * A bar at the bottom of a terminal with the epoch, loss, steps per second and time left; nothing elsewhere.
 * @param stream where it is drawn, normally stderr
 * @param total the run's epochs and steps
 */
export function trainingProgress(
  stream: NodeJS.WriteStream,
  total: { readonly epochs: number; readonly steps: number },
): Progress {
  const format = `epoch {epoch}/${total.epochs} [{bar}] {percentage}%  loss {loss}  {rate}  {left} left`;
  const bar = statusBar(stream, format, total.steps);
  return {
    update({ epoch, firstStep, loss, stepsPerSecond }) {
      const done = firstStep + loss.length - 1;
      bar.update(done, {
        epoch,
        loss: loss[loss.length - 1].toFixed(4),
        rate: rate(stepsPerSecond),
        left: duration((total.steps - done) / stepsPerSecond),
      });
    },
    clear: () => bar.clear(),
  };
}

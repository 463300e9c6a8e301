import type { Output } from "../output.ts";
import type { Observer } from "./observer.ts";

/** How long the first step may take without a word, in ms. */
const patienceMs = 3000;

/** Says why nothing seems to happen, where the first step takes long. */
export function slowStart(output: Output): Observer {
  const timer = setTimeout(() => {
    output.notice(
      "The first step takes long: some adapters compile their kernels only now, for up to a few minutes. " +
        "Steps per second leave this out.",
    );
  }, patienceMs);
  const stop = () => clearTimeout(timer);
  return { handle: stop, stop };
}

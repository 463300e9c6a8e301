import { keepingFocus } from "./dom.ts";

/**
 * A function that has `draw` called in an animation frame soon, once for any number of calls, and not again within
 * `restMs`. A hidden page has no frames: it draws when it is seen again. While a button is held down nothing is drawn: one
 * that is replaced before it is let go never hears that it was pressed.
 */
export function paced(draw: () => void, restMs = 100): () => void {
  let asked = false;
  let drawnAt = Number.NEGATIVE_INFINITY;
  const frame = () => {
    requestAnimationFrame((now) => {
      if (document.querySelector("button:active")) return frame();
      asked = false;
      drawnAt = now;
      keepingFocus(draw);
    });
  };
  return () => {
    if (asked) return;
    asked = true;
    const rest = drawnAt + restMs - performance.now();
    if (rest > 0) setTimeout(frame, rest);
    else frame();
  };
}

/** A function that has `work` done, never twice at a time: when asked meanwhile, once more after it, whether that failed or not. */
export function inTurn(work: () => Promise<void>): () => void {
  let working = false;
  let again = false;
  const start = async () => {
    working = true;
    again = false;
    try {
      await work();
    } finally {
      working = false;
      if (again) void start();
    }
  };
  return () => {
    if (working) again = true;
    else void start();
  };
}

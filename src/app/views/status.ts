import { byId, element } from "../dom.ts";
import { paced } from "../frames.ts";
import type { Signal } from "../signal.ts";
import type { Training } from "../training.ts";

/** Work that is done sooner than this is not spoken of. */
const patienceMs = 150;

/**
 * Says beside the buttons what is under way and what waits for it, as long as nothing else shows that anything happens.
 * @param staged what is being done for a network under way
 */
export function showStatus(training: Training, staged: Signal<string>): void {
  const text = element("span", {});
  byId("status").append(element("span", { class: "spinner", "aria-hidden": "true" }), text);
  let stage = "";
  let task: string | undefined;
  let since: number | undefined;
  const show = () => {
    const busy = busyText(training, stage);
    since = busy ? (since ?? performance.now()) : undefined;
    const rest = since === undefined ? 0 : since + patienceMs - performance.now();
    byId("status").hidden = since === undefined || rest > 0;
    if (text.textContent !== busy) text.textContent = busy;
    if (rest > 0) setTimeout(soon, rest);
  };
  const soon = paced(show, 50);
  staged.listen((what) => {
    stage = what;
    soon();
  });
  training.work.changed.listen(() => {
    // A stage is one of what was under way.
    const what = training.work.tasks[0]?.what;
    if (what !== task) stage = "";
    task = what;
    soon();
  });
  for (const signal of [training.phaseChanged, training.lookedInto]) signal.listen(soon);
  training.progressed.listen(() => since !== undefined && soon());
}

/** What is under way that nothing else shows; empty if nothing is. */
function busyText(training: Training, stage: string): string {
  const [now, ...next] = training.work.tasks.map(({ what }) => what);
  if (now !== undefined) {
    const then = next.length > 0 ? ` Then: ${next.join("; ")}.` : "";
    return `${now}${stage ? `: ${stage}` : ""} …${then}`;
  }
  const { compiling, starting, lookingInto } = training;
  if (compiling) {
    const { ready, kernels } = compiling;
    return `The GPU's driver compiles the kernels: ${ready} of ${kernels} are ready …`;
  }
  if (starting) return "The first steps are being computed …";
  return lookingInto > 0 ? "What the step computed is being read …" : "";
}

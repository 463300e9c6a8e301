import { button, byId, element } from "../dom.ts";
import type { EarlierRun } from "../earlier-runs.ts";
import { paced } from "../frames.ts";
import { distinctions, runColour, runTitle, summary } from "../run-names.ts";
import type { Training } from "../training.ts";

/** The networks of this session below the charts, each with its colour: to compare them, hide them, and bring them back. */
export function showRuns(training: Training, bringBack: (run: EarlierRun) => void): void {
  const container = byId("runs");
  let listed = "";
  const draw = paced(() => {
    const { record: now, earlier } = training;
    const records = [now, ...earlier.all.map(({ record }) => record)];
    // A list that is the same but for its facts keeps the focus that may be in it.
    const list = records.map(({ number }) => number).join();
    if (list !== listed) {
      listed = list;
      container.hidden = earlier.all.length === 0;
      const first = rowOf(element("span", { class: "key train" }, `${runTitle(now)}, this one`));
      const others = earlier.all.map((run) => earlierRow(run, earlier, bringBack));
      container.replaceChildren(element("ul", {}, first, ...others));
    }
    for (const [index, facts] of container.querySelectorAll(".run-facts").entries()) {
      const record = records[index];
      facts.textContent = [summary(record), distinctions(record, now)].filter(Boolean).join("; ");
    }
  }, 500);
  const { progressed, evaluated, replaced, phaseChanged, earlier } = training;
  for (const signal of [progressed, evaluated, replaced, phaseChanged, earlier.changed]) signal.listen(draw);
  draw();
}

function rowOf(title: HTMLElement, ...more: HTMLElement[]): HTMLElement {
  return element("li", { class: "run" }, title, element("span", { class: "run-facts" }), ...more);
}

function earlierRow(
  run: EarlierRun,
  earlier: Training["earlier"],
  bringBack: (run: EarlierRun) => void,
): HTMLElement {
  const { record, snapshot } = run;
  const shown = element("input", { type: "checkbox" });
  shown.checked = !record.hidden;
  shown.addEventListener("input", () => earlier.show(record, shown.checked));
  const title = runTitle(record);
  return rowOf(
    element("label", {}, shown, element("span", { class: `key ${runColour(record)}` }, title)),
    snapshot
      ? button("Bring back", () => bringBack(run), { "aria-label": `Bring back ${title.toLowerCase()}` })
      : element("span", { class: "hint" }, "weights not kept: there was no room"),
  );
}

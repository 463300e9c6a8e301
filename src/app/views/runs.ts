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
    const { record, earlier } = training;
    // A list that is the same but for its figures keeps the focus that may be in it.
    const list = [record, ...earlier.all.map(({ record }) => record)].map(({ number }) => number).join();
    if (list === listed) return showFacts();
    listed = list;
    container.hidden = earlier.all.length === 0;
    const now = element(
      "li",
      { class: "run" },
      element("span", { class: "key train" }, `${runTitle(record)}, this one`),
      element("span", { class: "run-facts" }, summary(record)),
    );
    const others = earlier.all.map((run) => rowOf(run, training, bringBack));
    container.replaceChildren(element("ul", {}, now, ...others));
  }, 500);
  const { progressed, evaluated, replaced, earlier } = training;
  for (const signal of [progressed, evaluated, replaced, earlier.changed]) signal.listen(draw);
  const showFacts = () => {
    const facts = container.querySelector(".run-facts");
    if (facts) facts.textContent = summary(training.record);
  };
  draw();
}

function rowOf(
  run: EarlierRun,
  { earlier, record: now }: Training,
  bringBack: (run: EarlierRun) => void,
): HTMLElement {
  const { record, snapshot } = run;
  const shown = element("input", { type: "checkbox" });
  shown.checked = !record.hidden;
  shown.addEventListener("input", () => earlier.show(record, shown.checked));
  const title = runTitle(record);
  const facts = [summary(record), distinctions(record, now)].filter(Boolean).join("; ");
  return element(
    "li",
    { class: "run" },
    element("label", {}, shown, element("span", { class: `key ${runColour(record)}` }, title)),
    element("span", { class: "run-facts" }, facts),
    ...(snapshot
      ? [button("Bring back", () => bringBack(run), { "aria-label": `Bring back ${title.toLowerCase()}` })]
      : [element("span", { class: "hint" }, "weights not kept: there was no room")]),
  );
}

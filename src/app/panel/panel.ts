import { button, byId, element } from "../dom.ts";
import type { Training } from "../training.ts";
import type { PanelActions } from "./actions.ts";
import { dataField } from "./data.ts";
import { choiceField, type Field, textField } from "./fields.ts";
import { learningRateField } from "./learning-rate.ts";
import { moreSettings } from "./more.ts";
import { presetCards } from "./preset-cards.ts";

/** The settings in two tiers: what most people change, and everything else under More; and what keeps a network. */
export function showPanel(training: Training, actions: PanelActions): void {
  const of = { training, actions };
  const data = dataField(of);
  const first: readonly Field[] = [
    presetCards(training, actions),
    textField({ ...of, name: "hidden" }),
    choiceField({ ...of, name: "activation" }),
    learningRateField(of),
    data,
    dataFacts(training),
  ];
  const more = moreSettings(training, actions);
  byId("settings").append(
    element("h2", {}, "Settings"),
    ...first.map(({ node }) => node),
    element("p", { class: "hint anew-note" }, "begins the network anew; what was trained is kept."),
    more.node,
    element(
      "div",
      { class: "keep" },
      button("Share link", actions.share),
      button("Save model", actions.save),
      button("Save as ONNX", actions.saveOnnx),
      button("Load model", actions.load),
      button("Open a trained one", actions.openTrained),
    ),
  );
  const refresh = () => {
    for (const field of [...first, more]) field.refresh();
  };
  refresh();
  for (const signal of [training.replaced, training.phaseChanged, training.work.changed])
    signal.listen(refresh);
}

/** What the data in use is. */
function dataFacts(training: Training): Field {
  const node = element("p", { class: "hint data-facts" });
  return {
    node,
    refresh() {
      const { name, train, test } = training.dataset;
      const counts = [train.count, test.count].map((count) => count.toLocaleString("en"));
      node.textContent = `${name}: ${counts[0]} training, ${counts[1]} test images`;
    },
  };
}

import { byId, element } from "../dom.ts";
import type { Training } from "../training.ts";

/** What computes and what it is trained on, in the page's head. */
export function showFacts(training: Training): void {
  const show = () => {
    const { gpu, dataset, record, trainer, watched } = training;
    const software = gpu?.software ? [element("strong", {}, "software adapter, no GPU")] : [];
    const apart = watched.name === "validation" ? [watched.split.count] : [];
    const counts = [dataset.train.count, ...apart, dataset.test.count];
    const images = `${counts.map((count) => count.toLocaleString("en")).join(" + ")} images`;
    const facts = [
      element("span", {}, trainer.engine.device, " ", ...software),
      element("span", { title: dataset.origin }, `${dataset.name}, ${images}`),
      element("span", {}, `network ${record.network}`),
    ];
    byId("facts").replaceChildren(...facts);
  };
  training.replaced.listen(show);
  training.recovered.listen(show);
  show();
}

import { byId, element } from "../dom.ts";
import { paced } from "../frames.ts";
import type { Training } from "../training.ts";

/** What computes, how fast, and what it is trained on, at the page's foot. */
export function showFacts(training: Training): void {
  const speed = element("span", {});
  const showSpeed = () => {
    const { stepsPerSecond } = training.record;
    const images = rate(stepsPerSecond * training.config.batchSize);
    speed.textContent = stepsPerSecond > 0 ? `${rate(stepsPerSecond)} steps/s, ${images} images/s` : "";
  };
  const show = () => {
    const { gpu, dataset, record, trainer, watched } = training;
    const software = gpu?.software ? [element("strong", {}, "software adapter, no GPU")] : [];
    const apart = watched.name === "validation" ? [watched.split.count] : [];
    const counts = [dataset.train.count, ...apart, dataset.test.count];
    const images = `${counts.map((count) => count.toLocaleString("en")).join(" + ")} images`;
    byId("facts").replaceChildren(
      element("span", {}, trainer.engine.device, " ", ...software),
      speed,
      element("span", { title: dataset.origin }, `${dataset.name}, ${images}`),
      element("span", {}, `network ${record.network}`),
    );
    showSpeed();
  };
  for (const signal of [training.replaced, training.recovered]) signal.listen(show);
  training.progressed.listen(paced(showSpeed, 500));
  show();
}

function rate(perSecond: number): string {
  return perSecond >= 10 ? Math.round(perSecond).toLocaleString("en") : perSecond.toFixed(1);
}

import { firstImages, imageAt } from "../../data/dataset.ts";
import { deformations } from "../../model/setting-effects.ts";
import { formatSetting, type SettingName, settings } from "../../model/settings.ts";
import { atMagnitude, changesImages } from "../../reference/augment.ts";
import { augmentedSamples, changesSamples } from "../../training/augmented-samples.ts";
import type { TrainingStep } from "../../training/engine/engine.ts";
import { magnitudeAt } from "../../training/schedule.ts";
import { button, byId, element } from "../dom.ts";
import { paced } from "../frames.ts";
import { themeChanged } from "../theme.ts";
import type { Training } from "../training.ts";
import { shownClass } from "./class-name.ts";
import { digitImage } from "./digit-picture.ts";

/** Digits that are shown. */
const most = 12;
/** What changes images, in the order in which the hint lists it. */
const amounts = [...deformations, "inputDropout"] as const;

/** Some training digits as training changes them, drawn anew in every epoch or on demand; a switch shows them plain. */
export function showAugmentedSamples(training: Training): void {
  const changed = element("input", { type: "checkbox", id: "as-augmented", checked: "" });
  const again = button("Draw again", () => {
    draws++;
    draw();
  });
  const hint = element("p", { class: "hint", id: "augmented-hint" });
  const tiles = element("div", { class: "tiles" });
  const options = element("div", { class: "augmented-options" });
  options.append(element("label", {}, changed, "as augmented"), again);
  byId("augmented-samples").append(options, hint, tiles);

  /** Draws that were asked for. */
  let draws = 0;
  /** The step whose draw is shown: the first of its epoch, or one of those after it. */
  const step = () => {
    const { trainer } = training;
    const number = trainer.step - (trainer.step % trainer.stepsPerEpoch) + 1 + draws;
    // Draws beyond the end are of its last step's kind.
    const { totalSteps } = trainer;
    return { number, magnitude: magnitudeAt(training.config, Math.min(number, totalSteps), totalSteps) };
  };
  let shownStep = step();
  const draw = () => {
    const { config } = training;
    const plain = firstImages(training.dataset.train, most);
    const isChanged = changed.checked && changesSamples(config);
    shownStep = step();
    const split = isChanged ? augmentedSamples(plain, config, shownStep) : plain;
    options.hidden = !changesSamples(config);
    again.hidden = !(isChanged && changesImages(config));
    hint.textContent = hintOf(training, changed.checked && shownStep);
    tiles.replaceChildren(
      ...Array.from(split.labels, (label, index) => {
        const caption = element("figcaption", {}, shownClass(training.dataset, label));
        return element("figure", {}, digitImage(imageAt(split, index), split), caption);
      }),
    );
  };
  const drawSoon = paced(draw, 500);
  changed.addEventListener("input", draw);
  for (const signal of [training.replaced, themeChanged]) signal.listen(drawSoon);
  training.progressed.listen(() => {
    if (step().number !== shownStep.number) drawSoon();
  });
  draw();
}

/** What the pictures are, in words. */
function hintOf({ config }: Training, augmented: Pick<TrainingStep, "magnitude"> | false): string {
  if (!changesSamples(config)) {
    return "Nothing is changed: training sees the images as they are, without augmentation and input dropout.";
  }
  if (!augmented) return "The first training images as they are.";
  const inForce = atMagnitude(config, augmented.magnitude);
  const named = (name: SettingName) =>
    `${settings[name].label.toLowerCase()} ${formatSetting(name, inForce[name])}`;
  const list = [
    ...(config.deskew ? ["deskewed"] : []),
    ...amounts.filter((name) => inForce[name] > 0).map(named),
  ];
  return `The first training images as they go into a step, drawn anew in every one: ${list.join(", ")}.`;
}

import { element, setVariable } from "../../dom.ts";
import { meanOf, readAs, type StepScene } from "../../network/step-scene.ts";
import { bytesOf, digitImage } from "../digit-picture.ts";
import { lossText } from "../loss-axis.ts";
import { exact } from "./number-bars.ts";
import type { StageView } from "./stage-view.ts";

/** Images of a mini-batch that are shown. */
export const mostImages = 128;

export function wordsOfBatch({ step, count }: StepScene): (Node | string)[] {
  const { losses } = step.backward;
  const right = step.labels.reduce((sum, label, at) => sum + Number(readAs(step, at) === label), 0);
  const [are, them] = count === 1 ? ["this image", "it"] : [`these ${count} images`, "one of them"];
  return [
    `Step ${step.number} trains on ${are}. Before it the network reads ${right} of ${count} right; its loss is `,
    exact(meanOf(losses)),
    count === 1 ? "." : ` on average. Choose ${them} and follow it through the step.`,
  ];
}

/** The images, what they are read as, and the loss of each. */
export function drawBatch(scene: StepScene, { classes, rows, columns, follow }: StageView): Node[] {
  const { step, count } = scene;
  const { losses } = step.backward;
  const shown = Math.min(count, mostImages);
  const most = Math.max(...losses, 1e-9);
  const tiles = Array.from({ length: shown }, (_, sample) => {
    const [label, read] = [step.labels[sample], readAs(step, sample)];
    const isRight = label === read;
    const made = element(
      "button",
      { type: "button", class: "sample", "aria-pressed": String(sample === scene.sample) },
      digitImage(bytesOf(scene.image(sample)), { rows, columns }),
      element("span", { class: "visually-hidden" }, `labelled ${classes[label]}, read as `),
      element(
        "span",
        { class: isRight ? "verdict-right" : "verdict-wrong", title: classes[read] },
        element("span", { "aria-hidden": "true" }, isRight ? "✓ " : "✗ "),
        classes[read],
      ),
      element("span", { class: "visually-hidden" }, `, ${isRight ? "right" : "wrong"}, loss `),
      exact(losses[sample], lossText(losses[sample])),
      setVariable(
        element(
          "span",
          { class: "rail share", "aria-hidden": "true" },
          element("span", { class: "fill loss" }),
        ),
        "--share",
        losses[sample] / most,
      ),
    );
    made.addEventListener("click", () => follow(sample));
    return made;
  });
  const rest = element("p", { class: "hint" }, `The first ${shown} of the ${count}.`);
  return [element("div", { class: "samples" }, ...tiles), ...(shown < count ? [rest] : [])];
}

import { element, setVariable, shape } from "../../dom.ts";
import { meanOf, type StepScene } from "../../network/step-scene.ts";
import { exact, percentText } from "./number-bars.ts";
import type { StageView } from "./stage-view.ts";

/** Width and height of the curve's drawing, and its margin. */
const [width, height, margin] = [320, 200, 28];
/** The loss that the curve reaches to at least. */
const leastTop = 4;
const points = 120;
/** Losses of the mini-batch that are shown as bars. */
const mostLosses = 256;

export function wordsOfLoss(scene: StepScene, { classes }: StageView): (Node | string)[] {
  const p = scene.a(scene.last)[scene.label];
  const { labelSmoothing } = scene.config;
  const name = classes[scene.label];
  const own = [
    `This is a ${name}, and the network gave ${name} a probability of `,
    exact(p, percentText(p)),
    `. `,
  ];
  const smoothed = `With label smoothing ${labelSmoothing} the other classes count a little, too: the loss is `;
  return [
    ...own,
    ...(labelSmoothing > 0 ? [smoothed] : ["The loss is −log p = "]),
    exact(scene.loss),
    `${labelSmoothing > 0 ? "" : ": nothing for certainty, more the less it was given"}. The mean of all `,
    `${scene.count} is `,
    exact(meanOf(scene.step.backward.losses)),
    ". Training is to make that small.",
  ];
}

/** The curve of -log p with the point of this image on it, and the losses of the mini-batch. */
export function drawLoss(scene: StepScene, { classes }: StageView): Node[] {
  const p = scene.a(scene.last)[scene.label];
  const what = scene.config.labelSmoothing > 0 ? "the loss without label smoothing," : "the loss";
  const losses = scene.step.backward.losses;
  const most = Math.max(...losses, 1e-9);
  const bars = Array.from(losses.subarray(0, mostLosses), (loss, sample) => {
    const chosen = sample === scene.sample ? " chosen" : "";
    return setVariable(element("span", { class: `loss-bar${chosen}` }), "--share", loss / most);
  });
  const label = `Losses of the ${bars.length} images, from ${Math.min(...losses).toFixed(3)} to ${most.toFixed(3)}`;
  return [
    element(
      "figure",
      { class: "loss-figure" },
      lossCurve(p),
      element("figcaption", {}, `−log p: ${what} by the probability of ${classes[scene.label]}`),
    ),
    element(
      "figure",
      { class: "loss-figure" },
      element("div", { class: "loss-bars", role: "img", "aria-label": label }, ...bars),
      element("figcaption", {}, "The loss of each image of the mini-batch; this one stands out"),
    ),
  ];
}

function lossCurve(p: number): SVGElement {
  const own = -Math.log(Math.max(p, 1e-30));
  const top = Math.max(leastTop, own * 1.1);
  const x = (share: number) => margin + share * (width - 2 * margin);
  const y = (loss: number) => height - margin - (loss / top) * (height - 2 * margin);
  // From where the curve enters the drawing.
  const first = Math.exp(-top);
  const path = Array.from({ length: points + 1 }, (_, index) => {
    const share = first * (1 / first) ** (index / points);
    return `${index === 0 ? "M" : "L"}${x(share).toFixed(1)} ${y(-Math.log(share)).toFixed(1)}`;
  });
  const text = (at: number, down: number, words: string, anchor: string) => {
    const made = shape("text", { x: String(at), y: String(down), "text-anchor": anchor });
    made.textContent = words;
    return made;
  };
  const label = `The curve of minus log p; at p = ${percentText(p)} it is ${own.toFixed(3)}`;
  return shape(
    "svg",
    { class: "loss-curve", viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": label },
    shape("path", { class: "axis", d: `M${margin} ${margin}V${height - margin}H${width - margin}` }),
    shape("path", { class: "guide", d: `M${x(p)} ${y(0)}V${y(own)}H${margin}` }),
    shape("path", { class: "line", d: path.join("") }),
    shape("circle", { cx: String(x(p)), cy: String(y(own)), r: "5" }),
    text(x(0), height - 8, "p = 0", "middle"),
    text(x(1), height - 8, "p = 1", "middle"),
    text(margin - 6, y(0) + 4, "0", "end"),
    text(margin - 6, y(top) + 4, top.toFixed(0), "end"),
  );
}

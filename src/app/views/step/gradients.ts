import { colourLimit } from "../../../model/colour-limit.ts";
import { optimizerRows } from "../../../model/optimizers.ts";
import { changesImages } from "../../../reference/augment.ts";
import { element } from "../../dom.ts";
import { meanOf, type StepScene } from "../../network/step-scene.ts";
import { exact } from "./number-bars.ts";
import type { StageView } from "./stage-view.ts";
import { type MapRow, weightMaps } from "./weight-maps.ts";

export function wordsOfGradients(scene: StepScene, view: StageView): (Node | string)[] {
  const { count } = scene;
  const { layer, unit } = view.unit;
  const at = largestOf(scene.gradient(layer, unit));
  const means =
    count === 1
      ? "dW is what this one image says."
      : `Each image has its say, and dW is the mean of all ${count}.`;
  return [
    "dW says of every weight how the loss grows with it: the dZ of its unit times what came in through it. " +
      `${means} Of ${nameOf(scene, view)}, the weight ${inputName(view, at)} has the largest dW, `,
    exact(scene.gradient(layer, unit)[at]),
    ": this image says ",
    exact(scene.ownGradient(layer, unit)[at]),
    ".",
  ];
}

export function drawGradients(scene: StepScene, view: StageView): Node[] {
  return drawLayers(scene, view, (layer, units) => {
    const own = {
      title: `this image: dZ · ${layer === 0 ? "X" : "A"}`,
      values: units.map((unit) => scene.ownGradient(layer, unit)),
    };
    const all = {
      title: `mean of ${scene.count}: dW`,
      values: units.map((unit) => scene.gradient(layer, unit)),
    };
    return [own, all];
  });
}

export function wordsOfUpdate(scene: StepScene, view: StageView): (Node | string)[] {
  const { layer, unit } = view.unit;
  const { step } = scene;
  const { learningRate } = step;
  const at = largestOf(scene.gradient(layer, unit));
  const { before, after } = scene.weights(layer, unit);
  const gradient = scene.gradient(layer, unit)[at];
  const sum = isPlain(scene)
    ? [exact(before[at]), " − ", exact(learningRate), " · ", exact(gradient), " = ", exact(after[at])]
    : ["from ", exact(before[at]), " to ", exact(after[at])];
  return [
    `${rule(scene)} Of ${nameOf(scene, view)}, the weight ${inputName(view, at)}: `,
    ...sum,
    `. The same ${scene.count === 1 ? "image" : `${scene.count} images`} again: loss `,
    exact(meanOf(step.backward.losses)),
    " before, ",
    exact(meanOf(step.lossesAfter)),
    " after.",
    ...(isAsShown(scene)
      ? []
      : [
          " The step itself trained on changed images or with units left out; the gradients here are without.",
        ]),
  ];
}

export function drawUpdate(scene: StepScene, view: StageView): Node[] {
  return drawLayers(scene, view, (layer, units) => {
    const weights = units.map((unit) => scene.weights(layer, unit));
    // One scale before and after.
    const all = { limit: Math.max(...weights.map(({ before }) => colourLimit(before))) };
    return [
      { title: "W", values: weights.map(({ before }) => before), ...all },
      { title: "dW", values: units.map((unit) => scene.gradient(layer, unit)) },
      {
        title: isPlain(scene) ? "− α · dW" : "the step",
        values: weights.map(({ change }) => change),
      },
      {
        title: isPlain(scene) ? "W − α · dW" : "W after it",
        values: weights.map(({ after }) => after),
        ...all,
      },
    ];
  });
}

/** What the optimizer does with dW, in words. */
function rule({ config, step }: StepScene): string {
  const { optimizer, weightDecay } = config;
  const rate = `α, the learning rate, is ${numberOf(step.learningRate)}`;
  if (optimizer === "sgd" && weightDecay === 0) {
    return `A step downhill: every weight goes against its dW, by α times as much. ${rate}.`;
  }
  const decay = weightDecay > 0 ? `, and weight decay ${weightDecay} draws weights to zero` : "";
  return `The optimizer ${optimizer} does not go straight along dW: ${optimizerRows[optimizer].help}${decay}. ${rate}.`;
}

const numberOf = (value: number) => Number(value.toPrecision(4)).toString();

/** Whether the step was `- α dW`. */
function isPlain(scene: StepScene): boolean {
  const { optimizer, weightDecay } = scene.config;
  return optimizer === "sgd" && weightDecay === 0 && isAsShown(scene);
}

/** Whether the step's gradients are those that are shown. */
function isAsShown({ config }: StepScene): boolean {
  return !changesImages(config) && config.hiddenDropout === 0;
}

/** Pictures of every layer's units. */
function drawLayers(
  scene: StepScene,
  view: StageView,
  rowsOf: (layer: number, units: readonly number[]) => MapRow[],
): Node[] {
  const { parameters } = scene.step.inspection;
  return [...parameters.keys()].map((layer) => {
    const isLast = layer === scene.last;
    const units = scene.units(layer);
    const names = isLast ? view.classes : units.map((unit) => String(unit + 1));
    const columns = layer === 0 ? view.columns : Math.ceil(Math.sqrt(parameters[layer].inputs));
    const title = isLast ? "The classes" : scene.last > 1 ? `Hidden layer ${layer + 1}` : "The hidden layer";
    const chosen = {
      index: view.unit.layer === layer ? units.indexOf(view.unit.unit) : -1,
      choose: (index: number) => view.look({ layer, unit: units[index] }),
    };
    return element(
      "section",
      { class: "map-layer" },
      element("h4", {}, title),
      weightMaps({ what: isLast ? "class" : "unit", names }, rowsOf(layer, units), columns, chosen),
    );
  });
}

function nameOf({ last }: StepScene, { unit: { layer, unit }, classes }: StageView): string {
  return layer === last ? `class ${classes[unit]}` : `unit ${unit + 1}`;
}

/** Which weight it is, by what comes in through it. */
function inputName({ unit: { layer }, columns }: StageView, at: number): string {
  if (layer > 0) return `from unit ${at + 1}`;
  return `from the pixel in row ${Math.floor(at / columns) + 1}, column ${(at % columns) + 1}`;
}

function largestOf(values: ArrayLike<number>): number {
  let most = 0;
  for (let at = 1; at < values.length; at++) if (Math.abs(values[at]) > Math.abs(values[most])) most = at;
  return most;
}

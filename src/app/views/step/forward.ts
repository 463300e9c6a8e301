import type { StepScene } from "../../network/step-scene.ts";
import { exact, numberBars, percentText } from "./number-bars.ts";
import type { StageView } from "./stage-view.ts";

/** The values at these places. */
export function pick(values: ArrayLike<number>, at: readonly number[]): number[] {
  return at.map((index) => values[index]);
}

/** How the units of a hidden layer are called, and how many others there are. */
export function unitNames(scene: StepScene, layer: number) {
  const units = scene.units(layer);
  const { outputs } = scene.step.inspection.parameters[layer];
  const some =
    units.length < outputs ? ` Shown: the ${units.length} of ${outputs} units with the largest dz.` : "";
  return { units, names: units.map((unit) => `unit ${unit + 1}`), some };
}

export function wordsOfUnits(scene: StepScene, layer: number): (Node | string)[] {
  const { activation } = scene.config;
  const what = layer === 0 ? `the image's ${scene.image().length} pixels` : "what comes in";
  const squeezed = activation === "sigmoid" ? ", a number between 0 and 1" : "";
  return [
    `Each unit multiplies ${what} by its weights and adds them up: z. Its ${activation} makes of that what it puts out: ` +
      `a${squeezed}.${unitNames(scene, layer).some}`,
  ];
}

export function drawUnits(scene: StepScene, _view: StageView, layer: number): Node[] {
  const { units, names } = unitNames(scene, layer);
  const isShare = scene.config.activation === "sigmoid";
  const puts = { title: "a", values: pick(scene.a(layer), units) };
  return [
    numberBars({
      caption: "Weighted sum and activation of each unit",
      what: "unit",
      names,
      columns: [
        { title: "z", values: pick(scene.z(layer), units), kind: "signed" },
        isShare ? { ...puts, kind: "share", most: 1 } : { ...puts, kind: "signed" },
      ],
    }),
  ];
}

export function wordsOfClasses(scene: StepScene, { classes }: StageView): (Node | string)[] {
  const p = scene.a(scene.last);
  const verdict = scene.read === scene.label ? "It is" : `It is a ${classes[scene.label]}, which got`;
  const rest =
    scene.read === scene.label ? "." : [" ", exact(p[scene.label], percentText(p[scene.label])), "."];
  return [
    "The classes add up in the same way. Softmax turns their z into probabilities: e to the power of z, as a share of all. " +
      `The largest is that of ${classes[scene.read]}, `,
    exact(p[scene.read], percentText(p[scene.read])),
    `. ${verdict}`,
    ...rest,
  ];
}

export function drawClasses(scene: StepScene, { classes }: StageView): Node[] {
  return [
    numberBars({
      caption: "Weighted sum and probability of each class",
      what: "class",
      names: classes,
      marked: scene.label,
      columns: [
        { title: "z", values: scene.z(scene.last), kind: "signed" },
        { title: "p", values: scene.a(scene.last), kind: "share", most: 1, text: percentText },
      ],
    }),
  ];
}

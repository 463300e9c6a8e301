import type { StepScene } from "../../network/step-scene.ts";
import { pick, unitNames } from "./forward.ts";
import { exact, numberBars, percentText } from "./number-bars.ts";
import type { StageView } from "./stage-view.ts";

export function wordsOfBlameOfClasses(scene: StepScene, { classes }: StageView): (Node | string)[] {
  const own = scene.dz(scene.last)[scene.label];
  // With label smoothing a class can be too sure of itself.
  const [itself, others] = own > 0 ? ["much", "little"] : ["little", "much"];
  return [
    `Who is to blame? A − Y is what each class said less what would have been right: ${classes[scene.label]} said too ${itself} (`,
    exact(own),
    `), the others together too ${others}. This is dZ: how the loss grows with each z.`,
  ];
}

export function drawBlameOfClasses(scene: StepScene, { classes }: StageView): Node[] {
  return [
    numberBars({
      caption: "What each class said, what would have been right, and the difference",
      what: "class",
      names: classes,
      marked: scene.label,
      columns: [
        { title: "A", values: scene.a(scene.last), kind: "share", most: 1, text: percentText },
        { title: "Y", values: scene.targets, kind: "share", most: 1, text: percentText },
        { title: "dZ = A − Y", values: scene.dz(scene.last), kind: "signed", most: 1 },
      ],
    }),
  ];
}

export function wordsOfBlameOfUnits(scene: StepScene, layer: number): (Node | string)[] {
  const { units } = unitNames(scene, layer);
  const dz = scene.dz(layer);
  const worst = units.reduce(
    (most, unit) => (Math.abs(dz[unit]) > Math.abs(dz[most]) ? unit : most),
    units[0],
  );
  const wish = dz[worst] > 0 ? "it had better put out less" : "it had better put out more";
  return [
    "The blame goes back the way the answer came: each unit gets the dZ of those it spoke to, times the weights between. " +
      `That is dA. Times the slope of its ${scene.config.activation}, it is dZ. Unit ${worst + 1} has the largest, `,
    exact(dz[worst]),
    `: ${wish}.`,
  ];
}

export function drawBlameOfUnits(scene: StepScene, _view: StageView, layer: number): Node[] {
  const { units, names } = unitNames(scene, layer);
  return [
    numberBars({
      caption: "The blame that reaches each unit, the slope of its activation, and their product",
      what: "unit",
      names,
      columns: [
        { title: "dA = Wᵀ·dZ", values: pick(scene.da(layer), units), kind: "signed" },
        { title: "slope f′(z)", values: pick(scene.slopes(layer), units), kind: "share" },
        { title: "dZ = dA · f′(z)", values: pick(scene.dz(layer), units), kind: "signed" },
      ],
    }),
  ];
}

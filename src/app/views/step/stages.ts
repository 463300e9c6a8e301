import type { FormulaName } from "../../../reference/formulas.ts";
import type { StepScene } from "../../network/step-scene.ts";
import { drawBatch, wordsOfBatch } from "./batch.ts";
import { drawBlameOfClasses, drawBlameOfUnits, wordsOfBlameOfClasses, wordsOfBlameOfUnits } from "./blame.ts";
import { drawClasses, drawUnits, wordsOfClasses, wordsOfUnits } from "./forward.ts";
import { drawGradients, drawUpdate, wordsOfGradients, wordsOfUpdate } from "./gradients.ts";
import { drawLoss, wordsOfLoss } from "./loss.ts";
import type { StageView } from "./stage-view.ts";

/** What happens in a stage; of a network with several hidden layers several stages have the same key. */
export type StageKey =
  | "batch"
  | "units"
  | "classes"
  | "loss"
  | "blame"
  | "hiddenBlame"
  | "gradient"
  | "update";

/** A part of a training step that is shown at once. */
export interface Stage {
  readonly key: StageKey;
  readonly title: string;
  readonly formulas: readonly FormulaName[];
  /** The layer whose shapes the formulas have. */
  readonly layer: number;
  /** What happens, for somebody who sees it for the first time; with this sample's numbers. */
  words(scene: StepScene, view: StageView): (Node | string)[];
  draw(scene: StepScene, view: StageView): Node[];
}

/** The stages of a step of a network with so many hidden layers, in the order in which they are computed. */
export function stagesOf(hidden: number): Stage[] {
  const layers = Array.from({ length: hidden }, (_, layer) => layer);
  const name = (layer: number) => (hidden > 1 ? `units ${layer + 1}` : "units");
  const forward = layers.map(
    (layer): Stage => ({
      key: "units",
      title: `Forward: ${name(layer)}`,
      formulas: ["weightedSum", "sigmoid"],
      layer,
      words: (scene) => wordsOfUnits(scene, layer),
      draw: (scene, view) => drawUnits(scene, view, layer),
    }),
  );
  const back = layers.toReversed().map(
    (layer): Stage => ({
      key: "hiddenBlame",
      title: `Backward: ${name(layer)}`,
      formulas: ["hiddenGradient"],
      layer: layer + 1,
      words: (scene) => wordsOfBlameOfUnits(scene, layer),
      draw: (scene, view) => drawBlameOfUnits(scene, view, layer),
    }),
  );
  const last = { layer: hidden };
  return [
    {
      key: "batch",
      layer: 0,
      title: "Mini-batch",
      formulas: ["miniBatch"],
      words: wordsOfBatch,
      draw: drawBatch,
    },
    ...forward,
    {
      ...last,
      key: "classes",
      title: "Forward: classes",
      formulas: ["weightedSum", "softmax"],
      words: wordsOfClasses,
      draw: drawClasses,
    },
    { ...last, key: "loss", title: "Loss", formulas: ["crossEntropy"], words: wordsOfLoss, draw: drawLoss },
    {
      ...last,
      key: "blame",
      title: "Backward: classes",
      formulas: ["outputGradient"],
      words: wordsOfBlameOfClasses,
      draw: drawBlameOfClasses,
    },
    ...back,
    {
      layer: 0,
      key: "gradient",
      title: "Gradient dW",
      formulas: ["weightGradient"],
      words: wordsOfGradients,
      draw: drawGradients,
    },
    {
      key: "update",
      layer: 0,
      title: "Update",
      formulas: ["update"],
      words: wordsOfUpdate,
      draw: drawUpdate,
    },
  ];
}

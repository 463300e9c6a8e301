import type { LayerActivation } from "../../model/activations.ts";
import type { DropoutKey } from "../../reference/dropout.ts";
import type { LayerOutputs } from "../lib/outputs.ts";
import type { StepUniform } from "../lib/steps.ts";
import type { KernelBench } from "./bench.ts";
import type { InputKind } from "./shapes.ts";

/** What is checked of a layer's forward pass. */
export interface LayerVariant {
  readonly kind: InputKind;
  readonly activation: LayerActivation;
  /** Scale of the weighted sums; 1 unless given. */
  readonly scale?: number;
  /** In training, with dropout of this probability, and derivatives; not given: inference. */
  readonly dropout?: number;
}

export function variantName({ kind, activation, scale, dropout }: LayerVariant): string {
  return [
    kind,
    activation,
    ...(scale === undefined ? [] : ["large"]),
    ...(dropout === undefined ? [] : [`training with dropout ${dropout}`]),
  ].join(", ");
}

/** What a layer of `width` does by `variant`, where its derivatives go, and by what the reference draws the same dropout. */
export function trainingOf(
  bench: KernelBench,
  { activation, dropout }: Pick<LayerVariant, "activation" | "dropout">,
  rows: number,
  width: number,
) {
  const key: DropoutKey = { seed: 4_000_000_000, step: 1_234_567, layer: 2, probability: dropout ?? 0 };
  const derivatives = bench.outputRows("derivatives", rows, width);
  const training = { layer: key.layer, dropout: key.probability, derivatives };
  const does: LayerOutputs = { activation, ...(dropout !== undefined && { training }) };
  return { key, derivatives, training, does };
}

/** The step in which `key` draws. */
export function drawnBy({ seed, step }: DropoutKey): Pick<StepUniform, "seed" | "number"> {
  return { seed, number: step };
}

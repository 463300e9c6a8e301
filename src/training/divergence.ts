import { optimizerRows } from "../model/optimizers.ts";
import type { Config } from "../model/settings.ts";

/** When numbers ceased to be finite. */
export interface Divergence {
  /** Of the step at which it was seen. */
  readonly learningRate: number;
  /** Whether no step had been made yet. */
  readonly isUntrained: boolean;
}

/** What to do about it, in a sentence or two that fit the settings. */
export function divergenceAdvice(
  { optimizer, momentum, weightDecay }: Pick<Config, "optimizer" | "momentum" | "weightDecay">,
  { learningRate, isUntrained }: Divergence,
): string {
  if (isUntrained)
    return "No step had been made: the weights that it began with are too large, or no numbers. Begin with others.";
  const { hyperparameters, decoupledDecay } = optimizerRows[optimizer];
  // Those with a running mean of their own step by about the learning rate, however large gradients are.
  const isAdaptive = hyperparameters.beta2 !== undefined;
  // What comes on top of a step by those before it.
  const sum = hyperparameters.momentum !== undefined && !isAdaptive ? 1 / (1 - momentum) : 1;
  const decay = learningRate * weightDecay;
  if (decay > 2 && (decoupledDecay || !isAdaptive))
    return `A step takes ${short(decay)} times a weight off it: use a smaller weight decay or learning rate.`;
  if (sum > 1)
    return (
      `With momentum ${momentum} steps add up to ${short(sum)} times one of them: ` +
      "use a smaller learning rate or momentum."
    );
  return "Use a smaller learning rate.";
}

function short(value: number): string {
  return String(Number(value.toPrecision(3)));
}

import { optimizerRows } from "../model/optimizers.ts";
import { allFinite, type Parameters } from "../model/parameters.ts";
import type { Config } from "../model/settings.ts";
import type { StepMetrics, TrainingStep } from "./engine/engine.ts";
import { DivergedError } from "./events.ts";

/** The settings that advice depends on. */
type Advised = Pick<Config, "optimizer" | "momentum" | "weightDecay">;

/** The error of steps of which one has a loss that is not finite; it names the first of these. */
export function divergedLoss(
  config: Advised,
  steps: readonly TrainingStep[],
  { loss }: StepMetrics,
): DivergedError | undefined {
  const lost = loss.findIndex((value) => !Number.isFinite(value));
  if (lost < 0) return undefined;
  const step = steps[lost];
  return divergedAt(config, step, `the loss of step ${step.number} is ${loss[lost]}`, step.number === 1);
}

/** The error of parameters after `step` that are not all finite. */
export function divergedWeights(
  config: Advised,
  step: TrainingStep,
  parameters: Parameters,
): DivergedError | undefined {
  if (allFinite(parameters)) return undefined;
  return divergedAt(config, step, `after step ${step.number} some weights are not finite`, false);
}

function divergedAt(
  config: Advised,
  { number, learningRate }: TrainingStep,
  what: string,
  isUntrained: boolean,
): DivergedError {
  const advice = divergenceAdvice(config, { learningRate, isUntrained });
  return new DivergedError(number, `${what} at learning rate ${learningRate}`, advice);
}

/** When numbers ceased to be finite. */
export interface Divergence {
  /** Of the step at which it was seen. */
  readonly learningRate: number;
  /** Whether no step had been made yet. */
  readonly isUntrained: boolean;
}

/** What to do about it, in a sentence or two that fit the settings. */
export function divergenceAdvice(
  { optimizer, momentum, weightDecay }: Advised,
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

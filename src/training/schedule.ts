import { deformsImages } from "../model/setting-effects.ts";
import type { Config } from "../model/settings.ts";

/** The settings that the learning rate follows. */
export type ScheduleSettings = Pick<
  Config,
  "learningRate" | "schedule" | "warmup" | "decayEvery" | "decayFactor"
>;

/** One-cycle: share of the steps in which the rate rises, what it starts at and what it ends at. */
const risingShare = 0.3;
const startDivisor = 25;
const endDivisor = 1e4;

/**
 * The learning rate of step `step` (from 1) of `totalSteps`, of which an epoch has `stepsPerEpoch`.
 *
 *     constant   lr
 *     step       lr * decayFactor^floor((step - 1) / stepsPerEpoch / decayEvery)
 *     cosine     lr * (1 + cos(pi * (step - 1) / totalSteps)) / 2
 *     one-cycle  lr/25 up to lr in the first 30% of the steps, then down to lr/1e4, both along a half wave of the
 *                cosine (Smith & Topin, "Super-Convergence", 2017; the phases are those of PyTorch's OneCycleLR)
 *
 * Times step / warmup in the first `warmup` steps.
 */
export function learningRateAt(
  config: ScheduleSettings,
  step: number,
  stepsPerEpoch: number,
  totalSteps: number,
): number {
  const { learningRate, warmup } = config;
  const warm = warmup > 0 ? Math.min(1, step / warmup) : 1;
  return learningRate * warm * scheduled(config, step - 1, stepsPerEpoch, totalSteps);
}

/** What deformations of images are multiplied by at a calm end: chosen on a validation split (docs/recipes.md). */
const calmMagnitude = 0.5;

/**
 * What step `step` (from 1) of `totalSteps` multiplies shift, rotation, scale, shear and elastic by: 1, and less in the share
 * `calmEnd` of the steps that comes last.
 */
export function magnitudeAt({ calmEnd }: Pick<Config, "calmEnd">, step: number, totalSteps: number): number {
  const calm = Math.round(calmEnd * totalSteps);
  return step > totalSteps - calm ? calmMagnitude : 1;
}

/** Why a step depends on how many steps there will be, if it does: what of `config` makes it so, in words. */
export function dependsOnTotal(config: Config): string | undefined {
  const { schedule, calmEnd } = config;
  if (schedule === "cosine" || schedule === "one-cycle") return `A ${schedule} schedule`;
  return calmEnd > 0 && deformsImages(config) ? "A calm end" : undefined;
}

/** What the schedule makes of a rate of 1 after `made` steps. */
function scheduled(
  { schedule, decayEvery, decayFactor }: ScheduleSettings,
  made: number,
  stepsPerEpoch: number,
  totalSteps: number,
): number {
  switch (schedule) {
    case "constant":
      return 1;
    case "step":
      return decayFactor ** Math.floor(made / stepsPerEpoch / decayEvery);
    case "cosine":
      return halfWave(1, 0, made / totalSteps);
    case "one-cycle": {
      const top = risingShare * totalSteps - 1;
      if (made < top) return halfWave(1 / startDivisor, 1, made / top);
      return halfWave(1, 1 / endDivisor, (made - top) / (totalSteps - 1 - top));
    }
  }
}

/** From `from` at share 0 to `to` at share 1, along a half wave of the cosine. */
function halfWave(from: number, to: number, share: number): number {
  return to + ((from - to) * (1 + Math.cos(Math.PI * share))) / 2;
}

import type { Dataset } from "../../data/dataset.ts";
import { UsageError } from "../../errors.ts";
import type { Gpu } from "../../gpu/gpu.ts";
import { type Config, flagOf, formatSetting, type SettingName } from "../../model/settings.ts";
import { networkSizes } from "../create-trainer.ts";
import { splitDataset } from "../selection.ts";
import { checkLimits } from "../webgpu/plan.ts";
import { groupConfigs } from "./groups.ts";

/**
 * Throws unless every network of a sweep can be trained, and all can be compared.
 * @throws RangeError if there are none; UserError naming the setting that does not fit
 */
export function checkSweep(configs: readonly Config[], dataset: Dataset, gpu: Gpu | undefined): void {
  if (configs.length === 0) throw new RangeError("a sweep needs at least one network");
  for (const [place] of groupConfigs(configs)) {
    const config = configs[place];
    if (config.validation === 0)
      throw new UsageError(
        `${flagOf("validation")} 0: a sweep chooses by validation images, lest the test split have chosen. Set some apart.`,
      );
    splitDataset(config, dataset);
    if (gpu && config.backend === "webgpu")
      checkLimits(gpu.device.limits, networkSizes(config, dataset), config);
  }
}

/** Throws a UsageError unless networks can be compared after each of `rungs`. */
export function checkHalving(configs: readonly Config[], rungs: readonly number[]): void {
  if (rungs.length === 0)
    throw new UsageError(
      `Halving needs at least two networks and two epochs: got ${configs.length} and ${configs[0].epochs}. Do without it.`,
    );
  for (const name of ["epochs", "steps", "validation", "limit"] as const) {
    const values = new Set(configs.map((config) => formatSetting(name, config[name])));
    if (values.size > 1) throw unfit(name, [...values].join(" and "), "is the same for all networks");
  }
  const [{ steps, evaluateEvery }] = configs;
  if (steps > 0) throw unfit("steps", String(steps), "is 0: epochs are halved");
  if (evaluateEvery > 0 && rungs.every((rung) => rung % evaluateEvery === 0)) return;
  throw unfit("evaluateEvery", String(evaluateEvery), `divides the epochs of comparison ${rungs.join(", ")}`);
}

function unfit(name: SettingName, value: string, condition: string): UsageError {
  return new UsageError(
    `${flagOf(name)} ${value} does not go with halving, which needs one that ${condition}. Change it, or do without halving.`,
  );
}

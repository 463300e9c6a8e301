import type { Config } from "../model/settings.ts";
import { dependsOnTotal } from "../training/schedule.ts";
import type { Trainer } from "../training/trainer.ts";
import type { RunRecord } from "./record.ts";

/** Brings settings that take effect in the middle of training into force, and has the record know of those that past steps had not. */
export function steer(trainer: Trainer, record: RunRecord, config: Config): void {
  const { totalSteps } = trainer;
  const { learningRate } = trainer.config;
  trainer.learningRate = config.learningRate;
  trainer.epochs = config.epochs;
  Object.assign(record.config, config);
  const isLonger = trainer.totalSteps !== totalSteps && dependsOnTotal(config) !== undefined;
  if (trainer.step > 0 && (config.learningRate !== learningRate || isLonger)) record.steered = true;
}

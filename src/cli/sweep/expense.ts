import { UsageError } from "../../errors.ts";
import type { Gpu } from "../../gpu/gpu.ts";
import { networkName, parameterCount } from "../../model/parameters.ts";
import { createTrainer, networkSizes } from "../../training/create-trainer.ts";
import { DivergedError } from "../../training/events.ts";
import type { Sweep } from "../../training/sweep/sweep.ts";
import type { Trainer } from "../../training/trainer.ts";
import { duration, grouped } from "../format.ts";
import { expectedSteps } from "./expected-steps.ts";

/** More networks than these are trained only if that is confirmed. */
const mostUnasked = 1000;
/** How long steps are tried for the expected time. */
const trialMs = 1000;

/**
 * Throws a UsageError that says how long the sweep would take, if it has more networks than anybody trains by mistake. The time is
 * that of one after the other, by the parameters of each: trained together they may be faster. It is left out where the first of
 * them diverges while it is tried.
 */
export async function checkExpense(sweep: Sweep, gpu: Gpu | undefined): Promise<void> {
  const { configs, dataset } = sweep;
  if (configs.length <= mostUnasked) return;
  const [config] = configs;
  const trainer = await createTrainer({ config, dataset, gpu });
  try {
    const perStep = await secondsPerStep(trainer);
    const { sizes } = trainer.engine;
    const costs = configs.map(
      (other, place) =>
        (expectedSteps(sweep, place) * parameterCount(networkSizes(other, dataset))) / parameterCount(sizes),
    );
    const steps = costs.reduce((sum, cost) => sum + cost, 0);
    const time = perStep
      ? `, about ${duration(perStep * steps)} of training one after the other at the speed of ${networkName(sizes)} here`
      : "";
    throw new UsageError(
      `This sweep has ${grouped(configs.length)} networks${time}. Give --yes to train them, or fewer values.`,
    );
  } finally {
    trainer.destroy();
  }
}

/** What a step takes; nothing if the network diverges, which says nothing against the sweep. */
async function secondsPerStep(trainer: Trainer): Promise<number | undefined> {
  try {
    // Kernels are compiled before the first step, for a minute on some adapters.
    await trainer.run({ until: "step" });
    const began = performance.now();
    await trainer.run({ signal: AbortSignal.timeout(trialMs) });
    return (performance.now() - began) / 1000 / Math.max(1, trainer.step - 1);
  } catch (error) {
    if (error instanceof DivergedError) return undefined;
    throw error;
  }
}

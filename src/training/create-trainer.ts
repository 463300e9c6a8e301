import { type Dataset, imageSize } from "../data/dataset.ts";
import type { DeviceLostError, Gpu } from "../gpu/gpu.ts";
import { initialise } from "../model/initialise.ts";
import type { Parameters } from "../model/parameters.ts";
import { type Config, checkedConfig } from "../model/settings.ts";
import { type CpuEngineOptions, createCpuEngine } from "./engine/cpu-engine.ts";
import type { Engine } from "./engine/engine.ts";
import { engineOf } from "./engine/group-engine.ts";
import { splitDataset } from "./selection.ts";
import { checkStep, initialSnapshot, type Snapshot } from "./snapshot.ts";
import { createGroupEngine } from "./sweep/create-group-engine.ts";
import { Trainer } from "./trainer.ts";
import type { WebGpuEngineOptions } from "./webgpu/webgpu-engine.ts";

/** What a trainer is made of. */
export interface TrainerOptions {
  readonly config: Config;
  readonly dataset: Dataset;
  /** Needed unless the config's backend is `cpu`. */
  readonly gpu?: Gpu | undefined;
  /**
   * Opens another device of the same adapter in the place of one that was lost: training then goes on by itself, to the same
   * numbers. The steps since the last snapshot are made again.
   */
  readonly reopen?: ((lost: DeviceLostError) => Promise<Gpu>) | undefined;
  /** Weights to start from instead of initialised ones, where there is no snapshot; they are copied. */
  readonly parameters?: Parameters | undefined;
  /** Where to go on from: a trainer of the same config and dataset gave it. It is copied. */
  readonly snapshot?: Snapshot | undefined;
  /** Makes the engine of the `cpu` backend: a page gives one that computes in a worker. */
  readonly cpuEngine?: ((options: CpuEngineOptions) => Engine) | undefined;
}

/** Widths of the network that `config` describes for `dataset`. */
export function networkSizes(config: Pick<Config, "hidden">, dataset: Dataset): number[] {
  return [imageSize(dataset.train), ...config.hidden, dataset.classes];
}

/** What an engine is made for, whatever computes. */
export interface EngineOptions extends Omit<WebGpuEngineOptions, "gpu"> {
  readonly settings: Config;
}

/**
 * Makes an engine and a trainer for it.
 * @throws UserError if a setting has no valid value, the config does not fit the data or the adapter, or the parameters the network;
 * RangeError if the snapshot is of no step
 */
export function createTrainer(options: TrainerOptions): Promise<Trainer> {
  const { config, gpu, reopen, cpuEngine = createCpuEngine } = options;
  return createTrainerOn(options, async (engine) => {
    if (config.backend === "cpu") return cpuEngine(engine);
    return engineOf(await createGroupEngine({ ...engine, configs: [engine.settings], gpu, reopen }));
  });
}

/** `createTrainer` on whatever `createEngine` makes: who gives that needs none of the other engines. */
export async function createTrainerOn(
  options: Pick<TrainerOptions, "config" | "dataset" | "parameters" | "snapshot">,
  createEngine: (options: EngineOptions) => Engine | Promise<Engine>,
): Promise<Trainer> {
  const config = checkedConfig(options.config);
  const data = splitDataset(config, options.dataset);
  const sizes = networkSizes(config, data.dataset);
  const { batchSize, residency, kernels } = config;
  const { train } = data.dataset;
  const engine = await createEngine({ sizes, batchSize, train, settings: config, residency, kernels });
  try {
    const snapshot =
      options.snapshot ??
      initialSnapshot(options.parameters ?? initialise(sizes, config.initialiser, config.seed));
    checkStep(snapshot);
    engine.setParameters(snapshot.state.parameters, snapshot.state.slots);
    return new Trainer(config, data, engine, snapshot);
  } catch (error) {
    engine.destroy();
    throw error;
  }
}

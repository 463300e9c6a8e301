import { imageSize, type Split } from "../data/dataset.ts";
import type { Gpu } from "../gpu/gpu.ts";
import { parameterCount, type Sizes } from "../model/parameters.ts";
import type { Config } from "../model/settings.ts";
import { slotsOf } from "../model/slots.ts";
import { type CpuEngineOptions, createCpuEngine } from "./cpu-engine.ts";
import type { Engine } from "./engine.ts";
import { type GroupEngine, groupOf } from "./group-engine.ts";
import { createWebGpuEngine } from "./webgpu-engine.ts";

/** What the engine of a group is made of. */
export interface GroupEngineOptions {
  /** Of each network; they agree in what groups have in common. */
  readonly configs: readonly Config[];
  readonly sizes: Sizes;
  readonly train: Split;
  /** Needed unless the configs' backend is `cpu`. */
  readonly gpu?: Gpu | undefined;
  /** Makes the engines of the `cpu` backend. */
  readonly cpuEngine?: ((options: CpuEngineOptions) => Engine) | undefined;
}

/** The engine that suits a group: the one place where it is chosen. */
export async function createGroupEngine(options: GroupEngineOptions): Promise<GroupEngine> {
  const { configs, sizes, train, gpu, cpuEngine = createCpuEngine } = options;
  const engines: Engine[] = [];
  try {
    for (const settings of configs) {
      const { batchSize, residency, kernels, backend } = settings;
      if (backend === "cpu") engines.push(cpuEngine({ sizes, batchSize, train, settings }));
      else if (gpu)
        engines.push(
          await createWebGpuEngine({ gpu, sizes, batchSize, train, settings, residency, kernels }),
        );
      else throw new Error("a group of the webgpu backend needs a gpu");
    }
    return groupOf(engines);
  } catch (error) {
    for (const engine of engines) engine.destroy();
    throw error;
  }
}

/**
 * How many networks of such a group can be trained at a time: at least one.
 * @param memory bytes that they may take
 */
export async function networksThatFit(
  { configs, sizes, train }: GroupEngineOptions,
  memory: number,
): Promise<number> {
  const [config] = configs;
  const numbers = parameterCount(sizes) * (1 + slotsOf(config).length);
  const activations = 2 * config.batchSize * sizes.reduce((sum, width) => sum + width, 0);
  const bytes =
    config.backend === "cpu"
      ? 8 * (numbers + activations)
      : 4 * (numbers + activations) + train.count * imageSize(train);
  return Math.min(configs.length, Math.max(1, Math.floor(memory / bytes)));
}

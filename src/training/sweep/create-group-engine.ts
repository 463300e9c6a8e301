import type { Split } from "../../data/dataset.ts";
import type { DeviceLostError, Gpu } from "../../gpu/gpu.ts";
import { parameterCount, type Sizes } from "../../model/parameters.ts";
import type { Config } from "../../model/settings.ts";
import { slotsOf } from "../../model/slots.ts";
import { type CpuEngineOptions, createCpuEngine } from "../engine/cpu-engine.ts";
import type { Engine } from "../engine/engine.ts";
import { type GroupEngine, groupOf } from "../engine/group-engine.ts";
import { createGroupOn } from "../engine/lasting-group.ts";
import { networksThatFit as webGpuNetworksThatFit } from "../webgpu/placed-group.ts";
import { createWebGpuGroup } from "../webgpu/webgpu-group.ts";

/** What the engine of a group is made of. */
export interface GroupEngineOptions {
  /** Of each network; they agree in what groups have in common. */
  readonly configs: readonly Config[];
  readonly sizes: Sizes;
  readonly train: Split;
  /** Needed unless the configs' backend is `cpu`. */
  readonly gpu?: Gpu | undefined;
  /** Opens another device of the same adapter in the place of one that was lost. */
  readonly reopen?: ((lost: DeviceLostError) => Promise<Gpu>) | undefined;
  /** Makes the engines of the `cpu` backend. */
  readonly cpuEngine?: ((options: CpuEngineOptions) => Engine) | undefined;
}

/** The engine that suits a group: the one place where it is chosen. */
export async function createGroupEngine(options: GroupEngineOptions): Promise<GroupEngine> {
  const { configs, sizes, train, reopen, cpuEngine = createCpuEngine } = options;
  const [{ batchSize, backend }] = configs;
  if (backend === "webgpu") {
    const { gpu, ...group } = { ...webGpuOptions(options), settings: configs };
    return createGroupOn(gpu, reopen, (at) => createWebGpuGroup({ gpu: at, ...group }));
  }
  return groupOf(configs.map((settings) => cpuEngine({ sizes, batchSize, train, settings })));
}

/**
 * How many networks of such a group can be trained at a time: at least one.
 * @param watched the images by which they are evaluated
 * @param memory bytes that they may take
 */
export async function networksThatFit(
  options: GroupEngineOptions,
  watched: Split,
  memory: number,
): Promise<number> {
  const { configs, sizes } = options;
  const [config] = configs;
  if (configs.length === 1) return 1;
  const fitting =
    config.backend === "webgpu"
      ? await webGpuNetworksThatFit({ ...webGpuOptions(options), settings: config }, watched, memory)
      : Math.floor(memory / cpuBytes(config, sizes));
  return Math.min(configs.length, Math.max(1, fitting));
}

function webGpuOptions({ configs, sizes, train, gpu }: GroupEngineOptions) {
  const [{ batchSize, residency, kernels }] = configs;
  if (!gpu) throw new Error("a group of the webgpu backend needs a gpu");
  return { gpu, sizes, batchSize, train, residency, kernels };
}

/** Bytes of a network on the CPU: parameters, their gradients, what is remembered beside them, activations and their gradients. */
function cpuBytes(config: Config, sizes: Sizes): number {
  const numbers = parameterCount(sizes) * (2 + slotsOf(config).length);
  const activations = 2 * config.batchSize * sizes.reduce((sum, width) => sum + width, 0);
  return Float64Array.BYTES_PER_ELEMENT * (numbers + activations);
}

import { openFound } from "../../src/node/adapter.ts";
import type { Engine } from "../../src/training/engine/engine.ts";
import { createWebGpuEngine } from "../../src/training/webgpu/webgpu-engine.ts";
import type { Contender, ContenderOptions } from "./contender.ts";
import { correctOf } from "./reference.ts";
import { Turns, type UnderWay } from "./waiting.ts";
import { initialParameters, StepNumbers, stepSettings } from "./workload.ts";

/** Our own engine on WebGPU. */
export async function create({ workload, dataset, adapter, kernels }: ContenderOptions): Promise<Contender> {
  if (!adapter) throw new Error("mnist-webgpu needs an adapter");
  const gpu = await openFound(adapter);
  const { sizes, batchSize } = workload;
  const engine = await createWebGpuEngine({
    gpu,
    sizes,
    batchSize,
    train: dataset.train,
    settings: stepSettings(workload),
    ...(kernels && { kernels }),
  });
  engine.setParameters(initialParameters(workload));
  const numbers = new StepNumbers(workload);
  const turns = new Turns();
  return {
    device: adapter.description,
    setOrder: (order) => engine.setOrder(order),
    train: (batches) => turns.train(batches, (part) => handOver(engine, numbers.steps(part))),
    countCorrect: (split) => correctOf(engine, split),
    destroy() {
      engine.destroy();
      gpu.destroy();
    },
  };
}

/** Starts steps of our engine. */
export function handOver(engine: Engine, steps: Parameters<Engine["train"]>[0]): UnderWay {
  const submission = engine.train(steps);
  return {
    async loss() {
      const { loss } = await submission.metrics();
      return loss[loss.length - 1];
    },
  };
}

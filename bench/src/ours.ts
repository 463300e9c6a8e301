import { openGpu } from "../../src/gpu/gpu.ts";
import type { Engine, Submission } from "../../src/training/engine.ts";
import { createWebGpuEngine } from "../../src/training/webgpu-engine.ts";
import type { Contender, ContenderOptions, Trained } from "./contender.ts";
import { countCorrect } from "./reference.ts";
import { sleepThrough } from "./waiting.ts";
import { initialParameters, trainingSteps } from "./workload.ts";

/** Milliseconds that one submission should take, as in the trainer. */
const submissionMs = 50;

/** Our own engine on WebGPU. */
export async function create({ workload, dataset, adapter, kernels }: ContenderOptions): Promise<Contender> {
  if (!adapter) throw new Error("mnist-webgpu needs an adapter");
  const gpu = await openGpu(adapter.adapter);
  const { sizes, batchSize } = workload;
  const engine = await createWebGpuEngine({
    gpu,
    sizes,
    batchSize,
    train: dataset.train,
    ...(kernels && { kernels }),
  });
  engine.setParameters(initialParameters(workload));
  return {
    device: adapter.description,
    setOrder: (order) => engine.setOrder(order),
    train: (batches, expectedMs) => {
      const steps = trainingSteps(batches, workload);
      return pipelined(engine, steps, expectedMs);
    },
    countCorrect: (split) => countCorrect(engine, split),
    destroy() {
      engine.destroy();
      gpu.destroy();
    },
  };
}

/** Submits the way the trainer does: one submission is computed while the next one waits behind it. */
export async function pipelined(
  engine: Engine,
  steps: Parameters<Engine["train"]>[0],
  expectedMs: number,
): Promise<Trained> {
  const stepMs = expectedMs / steps.length;
  const atOnce = stepMs > 0 ? Math.max(1, Math.round(submissionMs / stepMs)) : steps.length;
  const pending: { submission: Submission; expectedMs: number }[] = [];
  let hostMs = 0;
  let waitedMs = 0;
  let loss = Number.NaN;
  let settledAt = performance.now();
  const settle = async () => {
    const { submission, expectedMs } = pending.shift()!;
    await sleepThrough(expectedMs, settledAt);
    const wokeAt = performance.now();
    const metrics = await submission.metrics();
    loss = metrics.loss[metrics.loss.length - 1];
    settledAt = performance.now();
    waitedMs += settledAt - wokeAt;
  };
  for (let first = 0; first < steps.length; first += atOnce) {
    const part = steps.slice(first, first + atOnce);
    const startedAt = performance.now();
    pending.push({ submission: engine.train(part), expectedMs: stepMs * part.length });
    hostMs += performance.now() - startedAt;
    if (pending.length > 1) await settle();
  }
  while (pending.length > 0) await settle();
  return { loss, hostMs, waitedMs };
}

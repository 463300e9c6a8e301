import type { Split } from "../../data/dataset.ts";
import type { Gpu } from "../../gpu/gpu.ts";
import type { OnKernelsReady } from "../../kernels/lib/steps.ts";
import type { Parameters, Sizes, Slots, TrainingState } from "../../model/parameters.ts";
import type { StepSettings } from "../../model/settings.ts";
import type { Inspection } from "../../reference/inspect.ts";
import type { Engine, Predictions, Submission, TrainingStep } from "../engine/engine.ts";
import { countInspected } from "../engine/engine-checks.ts";
import { Inspector } from "./inspector.ts";
import type { WebGpuGroupOptions } from "./placed-group.ts";
import { createWebGpuGroup, type WebGpuGroup } from "./webgpu-group.ts";

/** What an engine is made for, and on. */
export interface WebGpuEngineOptions extends Omit<WebGpuGroupOptions, "settings"> {
  /** What a training step does. */
  readonly settings: StepSettings;
}

/**
 * Makes an engine that computes with WGSL kernels: a group of one network. Buffers, bind groups and pipelines are made here, once.
 * @throws UserError if the network, batch or data exceed a limit of the adapter; but for the data before anything is
 * allocated
 */
export async function createWebGpuEngine(options: WebGpuEngineOptions): Promise<Engine> {
  const { gpu, settings } = options;
  return new WebGpuEngine(await createWebGpuGroup({ ...options, settings: [settings] }), gpu, settings);
}

class WebGpuEngine implements Engine {
  readonly backend = "webgpu";
  readonly device: string;
  readonly sizes: Sizes;
  readonly batchSize: number;
  readonly #gpu: Gpu;
  readonly #group: WebGpuGroup;
  readonly #inspector: Inspector;

  constructor(group: WebGpuGroup, gpu: Gpu, settings: StepSettings) {
    this.device = group.device;
    this.sizes = group.sizes;
    this.batchSize = group.batchSize;
    this.#gpu = gpu;
    this.#group = group;
    const { library, memory } = group.network;
    this.#inspector = new Inspector(library, memory, group.sizes, settings);
  }

  setParameters(parameters: Parameters, slots?: Slots): void {
    this.#group.setParameters(0, parameters, slots);
  }

  readParameters(): Promise<Parameters> {
    return this.#group.readParameters().then(only);
  }

  readState(): Promise<TrainingState> {
    return this.#group.readStates().then(only);
  }

  compileFor(what: "training" | "evaluation", onReady: OnKernelsReady): Promise<void> {
    return this.#group.compileFor(what, onReady);
  }

  setOrder(order: Uint32Array): void {
    this.#group.setOrders([order]);
  }

  train(steps: readonly TrainingStep[]): Submission {
    const submission = this.#group.train(steps.map((step) => ({ ...step, scheduled: [step] })));
    return { metrics: () => submission.metrics().then(only) };
  }

  evaluate(split: Split): Promise<Predictions> {
    return this.#group.evaluate(split).then(only);
  }

  predict(images: Uint8Array): Promise<Float32Array> {
    return this.#group.predict(images).then(only);
  }

  inspect(
    images: Uint8Array,
    labels?: Uint8Array,
    of: "training" | "evaluation" = "training",
  ): Promise<Inspection> {
    countInspected(images, labels, this.sizes);
    const read = of === "training" ? this.#group.readTrained() : this.#group.readParameters();
    return this.#gpu.guard(this.#inspector.inspect(read.then(only), this.#group.asRead(images), labels));
  }

  destroy(): void {
    this.#group.destroy();
  }
}

/** What a group of one has to say. */
function only<T>([value]: readonly T[]): T {
  return value;
}

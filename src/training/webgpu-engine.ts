import type { Split } from "../data/dataset.ts";
import type { Gpu } from "../gpu/gpu.ts";
import type { Dispatch } from "../gpu/kernel.ts";
import { Memory } from "../gpu/memory.ts";
import { encodeReadback, type Readback } from "../gpu/readback.ts";
import { chooseForm, type FormName } from "../kernels/forms.ts";
import { packParameters, parameterLayout, unpackParameters } from "../kernels/lib/layout.ts";
import { KernelLibrary } from "../kernels/lib/library.ts";
import { type OnKernelsReady, StepBuffer, trainingStepUniform } from "../kernels/lib/steps.ts";
import { batchMetrics, stepMetricsBytes } from "../kernels/loss.ts";
import type { OptimizerStep } from "../kernels/optimizers/optimizer-step.ts";
import type { Parameters, Sizes, Slot, Slots, TrainingState } from "../model/parameters.ts";
import type { StepSettings } from "../model/settings.ts";
import { slotsOf } from "../model/slots.ts";
import type { Inspection } from "../reference/inspect.ts";
import type { Engine, Predictions, Submission, TrainingStep } from "./engine.ts";
import {
  checkOrder,
  checkParameters,
  checkSlots,
  checkSplit,
  checkSteps,
  countInspected,
} from "./engine-checks.ts";
import { Evaluator } from "./evaluator.ts";
import { Inspector } from "./inspector.ts";
import type { Network } from "./network.ts";
import { checkLimits, planForms } from "./plan.ts";
import type { Placement, Samples } from "./samples.ts";
import { readMetrics, submissionSteps, submissions } from "./submissions.ts";
import { planTraining, trainingStep } from "./training-step.ts";

export interface WebGpuEngineOptions extends Placement {
  readonly gpu: Gpu;
  readonly sizes: Sizes;
  /** What a training step does. */
  readonly settings: StepSettings;
  /** The form of the kernels; `auto`, the default, is the one that suits the adapter. */
  readonly kernels?: FormName | "auto";
}

/**
 * Makes an engine that computes with WGSL kernels. Buffers, bind groups and pipelines are made here, once.
 * @throws UserError if the network, batch or data exceed a limit of the adapter, before anything is allocated
 */
export async function createWebGpuEngine(options: WebGpuEngineOptions): Promise<Engine> {
  const { gpu, sizes, batchSize, kernels, settings } = options;
  checkSplit(options.train, sizes);
  checkLimits(gpu.device.limits, sizes, batchSize);
  const memory = new Memory(gpu.device);
  try {
    const layout = parameterLayout(sizes);
    const forms = planForms(layout, chooseForm(gpu, kernels), batchSize);
    const library = new KernelLibrary(gpu);
    const network: Network = {
      library,
      memory,
      layout,
      parameters: memory.storage("parameters", layout.bytes),
      settings,
      forms,
      placeImages: forms[0].imagesLike(options.train),
    };
    const slots = allocateSlots(memory, settings, layout.bytes);
    const { samples, loss, plan } = planTraining(network, options, { settings, slots });
    const step = trainingStep(plan);
    const steps = new StepBuffer(memory, library, submissionSteps + 1);
    const stepMetrics = memory.storage("metrics of steps", submissionSteps * stepMetricsBytes);
    const metrics = batchMetrics(submissionSteps, loss, steps.buffer, stepMetrics);
    const evaluated = { ...network, parameters: slots.average ?? network.parameters };
    const evaluator = new Evaluator(evaluated, steps);
    await gpu.guard(library.compile([...step, metrics, ...evaluator.calls]));
    return new WebGpuEngine(options, { ...network, slots, evaluated: evaluated.parameters }, evaluator, {
      samples,
      step: step.map((call) => library.bind(call)),
      steps,
      metrics: library.bind(metrics),
      stepMetrics,
    });
  } catch (error) {
    memory.destroy();
    throw error;
  }
}

function allocateSlots(memory: Memory, settings: StepSettings, bytes: number): OptimizerStep["slots"] {
  return Object.fromEntries(slotsOf(settings).map((slot) => [slot, memory.storage(slot, bytes)]));
}

/** The network, what training remembers beside its parameters, and those that evaluations use. */
interface TrainedNetwork extends Network {
  readonly slots: OptimizerStep["slots"];
  readonly evaluated: GPUBuffer;
}

/** What a training step needs, made once. */
interface TrainingPlan {
  readonly samples: Samples;
  /** The commands of one step: forward, gradient, backward, update. */
  readonly step: readonly Dispatch[];
  readonly steps: StepBuffer;
  /** Sums what the steps measured, once a submission. */
  readonly metrics: Dispatch;
  readonly stepMetrics: GPUBuffer;
}

class WebGpuEngine implements Engine {
  readonly backend = "webgpu";
  readonly device: string;
  readonly sizes: Sizes;
  readonly batchSize: number;
  readonly #gpu: Gpu;
  readonly #train: Split;
  readonly #network: TrainedNetwork;
  readonly #plan: TrainingPlan;
  readonly #evaluator: Evaluator;
  readonly #inspector: Inspector;
  /** Length of the order. */
  #positions = 0;
  #destroyed = false;

  constructor(
    { gpu, sizes, batchSize, train }: WebGpuEngineOptions,
    network: TrainedNetwork,
    evaluator: Evaluator,
    plan: TrainingPlan,
  ) {
    this.device = gpu.name;
    this.sizes = sizes;
    this.batchSize = batchSize;
    this.#gpu = gpu;
    this.#train = train;
    this.#network = network;
    this.#plan = plan;
    this.#evaluator = evaluator;
    this.#inspector = new Inspector(network.library, network.memory, sizes, network.settings);
  }

  setParameters(parameters: Parameters, slots: Slots = {}): void {
    this.#alive();
    checkParameters(parameters, this.sizes);
    checkSlots(slots, this.sizes);
    const { layout, parameters: buffer, slots: buffers } = this.#network;
    const packed = packParameters(layout, parameters);
    const { queue } = this.#gpu.device;
    queue.writeBuffer(buffer, 0, packed);
    for (const [name, slotBuffer] of Object.entries(buffers)) {
      const given = slots[name as Slot];
      const anew = name === "average" ? packed : new Float32Array(packed.length);
      queue.writeBuffer(slotBuffer, 0, given ? packParameters(layout, given) : anew);
    }
  }

  readParameters(): Promise<Parameters> {
    this.#alive();
    return this.#read([this.#network.evaluated]).then(([parameters]) => parameters);
  }

  async readState(): Promise<TrainingState> {
    this.#alive();
    const { parameters: buffer, slots } = this.#network;
    const [parameters, ...values] = await this.#read([buffer, ...Object.values(slots)]);
    return { parameters, slots: Object.fromEntries(Object.keys(slots).map((name, i) => [name, values[i]])) };
  }

  /** What lies in `buffers`, all as of now. */
  async #read(buffers: readonly GPUBuffer[]): Promise<Parameters[]> {
    const { layout, memory } = this.#network;
    const encoder = this.#gpu.device.createCommandEncoder();
    const readbacks = buffers.map((buffer) => encodeReadback(memory, encoder, buffer, 0, layout.bytes));
    this.#gpu.device.queue.submit([encoder.finish()]);
    const arrays = await this.#gpu.guard(Promise.all(readbacks.map((readback) => readback.read())));
    return arrays.map((array) => unpackParameters(layout, new Float32Array(array)));
  }

  compileFor(what: "training" | "evaluation", onReady: OnKernelsReady): Promise<void> {
    this.#alive();
    const { step, metrics, steps } = this.#plan;
    const used = what === "training" ? [...step, metrics] : this.#evaluator.commands;
    return this.#gpu.guard(steps.compileBeforeUse(used, onReady));
  }

  setOrder(order: Uint32Array): void {
    this.#alive();
    checkOrder(order, this.#train.count);
    this.#positions = order.length;
    this.#plan.samples.setOrder(order);
  }

  train(steps: readonly TrainingStep[]): Submission {
    this.#alive();
    checkSteps(steps, this.batchSize, this.#positions);
    const parts = submissions(steps, this.#plan.samples.span);
    const readbacks = parts.map((part) => this.#submit(part));
    return { metrics: () => this.#gpu.guard(readMetrics(parts, readbacks)) };
  }

  /** One submission: every step's commands, then the sums of what they measured. */
  #submit(part: readonly TrainingStep[]): Readback {
    const { samples, step, steps, metrics, stepMetrics } = this.#plan;
    const base = samples.stage(part);
    const staged = part.map((step) =>
      trainingStepUniform({ ...step, first: step.first - base }, this.#network.settings),
    );
    steps.write([...staged, { first: 0, size: part.length }]);
    const encoder = this.#gpu.device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    for (let index = 0; index < part.length; index++) steps.encode(pass, index, step);
    steps.encode(pass, part.length, [metrics]);
    pass.end();
    const readback = encodeReadback(
      this.#network.memory,
      encoder,
      stepMetrics,
      0,
      part.length * stepMetricsBytes,
    );
    this.#gpu.device.queue.submit([encoder.finish()]);
    return readback;
  }

  evaluate(split: Split): Promise<Predictions> {
    this.#alive();
    checkSplit(split, this.sizes);
    return this.#gpu.guard(this.#evaluator.evaluate(split));
  }

  predict(images: Uint8Array): Promise<Float32Array> {
    this.#alive();
    return this.#gpu.guard(this.#evaluator.predict(images));
  }

  inspect(
    images: Uint8Array,
    labels?: Uint8Array,
    of: "training" | "evaluation" = "training",
  ): Promise<Inspection> {
    this.#alive();
    countInspected(images, labels, this.sizes);
    const { parameters: changed, evaluated } = this.#network;
    const parameters = this.#read([of === "training" ? changed : evaluated]).then(([values]) => values);
    return this.#gpu.guard(this.#inspector.inspect(parameters, images, labels));
  }

  destroy(): void {
    this.#destroyed = true;
    this.#network.memory.destroy();
  }

  #alive(): void {
    if (this.#destroyed) throw new Error("the engine was used after destroy()");
  }
}

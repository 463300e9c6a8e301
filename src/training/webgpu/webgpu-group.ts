import type { Split } from "../../data/dataset.ts";
import type { Gpu } from "../../gpu/gpu.ts";
import type { Dispatch } from "../../gpu/kernel.ts";
import { Memory } from "../../gpu/memory.ts";
import { encodeReadbackOfEach, type ReadbackOfEach } from "../../gpu/readback.ts";
import { packParameters, unpackParameters } from "../../kernels/lib/layout.ts";
import { type OnKernelsReady, trainingStepUniform } from "../../kernels/lib/steps.ts";
import { stepMetricsBytes } from "../../kernels/loss.ts";
import type { Parameters, Sizes, Slot, Slots, TrainingState } from "../../model/parameters.ts";
import type { StepSettings } from "../../model/settings.ts";
import type { Inspection } from "../../reference/inspect.ts";
import { asRead, splitAsRead } from "../engine/as-read.ts";
import type { Predictions, StepMetrics } from "../engine/engine.ts";
import {
  checkOrder,
  checkParameters,
  checkSlots,
  checkSplit,
  checkSteps,
  countInspected,
} from "../engine/engine-checks.ts";
import type { GroupEngine, GroupStep, GroupSubmission } from "../engine/group-engine.ts";
import { Inspector } from "./inspector.ts";
import { type PlacedGroup, placeGroup, type WebGpuGroupOptions } from "./placed-group.ts";
import { checkLimits } from "./plan.ts";
import { metricsOf, stepCapacity, submissions } from "./submissions.ts";

/**
 * Makes an engine that computes networks of one shape with WGSL kernels, each dispatch all of them. Buffers, bind groups and
 * pipelines are made here, once, but for those of splits that are evaluated and of images that are looked into.
 * @throws UserError if the networks, batch or data exceed a limit of the adapter; but for the data before anything is
 * allocated
 */
export async function createWebGpuGroup(options: WebGpuGroupOptions): Promise<WebGpuGroup> {
  const { gpu, sizes, batchSize, settings } = options;
  checkSplit(options.train, sizes);
  checkLimits(gpu.device.limits, sizes, { ...settings[0], batchSize });
  const memory = new Memory(gpu.device, settings.length);
  try {
    const train = splitAsRead(options.train, settings[0]);
    const placed = placeGroup({ ...options, train }, memory);
    const { library } = placed.network;
    await gpu.guard(library.compile([...placed.step, placed.metrics, ...placed.evaluator.calls]));
    return new WebGpuGroup(options, placed);
  } catch (error) {
    memory.destroy();
    throw error;
  }
}

/** See `createWebGpuGroup`. */
export class WebGpuGroup implements GroupEngine {
  readonly backend = "webgpu";
  readonly device: string;
  readonly networks: number;
  readonly sizes: Sizes;
  readonly batchSize: number;
  readonly #gpu: Gpu;
  readonly #train: Split;
  readonly #settings: readonly StepSettings[];
  readonly #placed: PlacedGroup;
  readonly #step: readonly Dispatch[];
  readonly #metrics: Dispatch;
  readonly #inspector: Inspector;
  /** Length of the orders. */
  #positions = 0;
  #destroyed = false;

  constructor({ gpu, sizes, batchSize, train, settings }: WebGpuGroupOptions, placed: PlacedGroup) {
    const { library, memory } = placed.network;
    this.device = gpu.name;
    this.networks = settings.length;
    this.sizes = sizes;
    this.batchSize = batchSize;
    this.#gpu = gpu;
    this.#train = train;
    this.#settings = settings;
    this.#placed = placed;
    this.#step = placed.step.map((call) => library.bind(call));
    this.#metrics = library.bind(placed.metrics);
    this.#inspector = new Inspector(library, memory, sizes, settings[0]);
  }

  setParameters(network: number, parameters: Parameters, slots: Slots = {}): void {
    this.#alive();
    checkParameters(parameters, this.sizes);
    checkSlots(slots, this.sizes);
    const { network: networks, slots: buffers } = this.#placed;
    const { layout, memory } = networks;
    const packed = packParameters(layout, parameters);
    memory.write(networks.parameters, network, 0, packed);
    for (const [name, buffer] of Object.entries(buffers)) {
      const given = slots[name as Slot];
      const anew = name === "average" ? packed : new Float32Array(packed.length);
      memory.write(buffer, network, 0, given ? packParameters(layout, given) : anew);
    }
  }

  readParameters(): Promise<Parameters[]> {
    return this.#read([this.#placed.evaluated]).then(([parameters]) => parameters);
  }

  async readStates(): Promise<TrainingState[]> {
    const { network, slots } = this.#placed;
    const [parameters, ...values] = await this.#read([network.parameters, ...Object.values(slots)]);
    const names = Object.keys(slots);
    return parameters.map((own, index) => ({
      parameters: own,
      slots: Object.fromEntries(names.map((name, slot) => [name, values[slot][index]])),
    }));
  }

  /** What lies in `buffers`, of each network, all as of now. */
  async #read(buffers: readonly GPUBuffer[]): Promise<Parameters[][]> {
    this.#alive();
    const { layout, memory } = this.#placed.network;
    const encoder = this.#gpu.device.createCommandEncoder();
    const readbacks = buffers.map((buffer) => encodeReadbackOfEach(memory, encoder, buffer, 0, layout.bytes));
    this.#gpu.device.queue.submit([encoder.finish()]);
    const arrays = await this.#gpu.guard(Promise.all(readbacks.map((readback) => readback.read())));
    return arrays.map((parts) => parts.map((part) => unpackParameters(layout, new Float32Array(part))));
  }

  async compileFor(what: "training" | "evaluation", onReady: OnKernelsReady): Promise<void> {
    this.#alive();
    const { steps, evaluator } = this.#placed;
    const used = what === "training" ? [...this.#step, this.#metrics] : evaluator.commands;
    await this.#gpu.guard(steps.compileBeforeUse(used, onReady));
  }

  setOrders(orders: readonly Uint32Array[]): void {
    this.#alive();
    const [{ length }] = orders;
    for (const order of orders) {
      checkOrder(order, this.#train.count);
      if (order.length !== length)
        throw new RangeError(`orders of ${length} and ${order.length} positions in one group`);
    }
    this.#positions = length;
    this.#placed.samples.setOrders(orders);
  }

  train(steps: readonly GroupStep[]): GroupSubmission {
    this.#alive();
    checkSteps(steps, this.batchSize, this.#positions);
    const parts = submissions(steps, this.#placed.samples.span, stepCapacity(this.networks));
    const readbacks = parts.map((part) => this.#submit(part));
    // What is read is read once, however often it is asked for.
    let read: Promise<StepMetrics[]> | undefined;
    return {
      metrics: () => {
        read ??= this.#gpu.guard(this.#metricsOf(parts, readbacks));
        return read;
      },
    };
  }

  /** One submission: every step's commands, then the sums of what they measured. */
  #submit(part: readonly GroupStep[]): ReadbackOfEach {
    const { network, samples, steps, stepMetrics } = this.#placed;
    const base = samples.stage(part);
    const staged = part.map(({ first, size, number, scheduled }) => ({
      step: this.#settings.map((settings, index) => {
        const { learningRate, magnitude, slotsSince } = scheduled[index];
        const step = { first: first - base, size, number, learningRate, magnitude, slotsSince };
        return trainingStepUniform(step, settings);
      }),
      dispatches: this.#step,
    }));
    const sums = { step: { first: 0, size: part.length }, dispatches: [this.#metrics] };
    return steps.submit([...staged, sums], (encoder) =>
      encodeReadbackOfEach(network.memory, encoder, stepMetrics, 0, part.length * stepMetricsBytes),
    );
  }

  async #metricsOf(
    parts: readonly (readonly GroupStep[])[],
    readbacks: readonly ReadbackOfEach[],
  ): Promise<StepMetrics[]> {
    const read = await Promise.all(readbacks.map((readback) => readback.read()));
    return this.#settings.map((_, network) =>
      metricsOf(
        parts.flat(),
        read.map((part) => part[network]),
      ),
    );
  }

  async evaluate(split: Split): Promise<Predictions[]> {
    this.#alive();
    checkSplit(split, this.sizes);
    return this.#gpu.guard(this.#placed.evaluator.evaluate(splitAsRead(split, this.#settings[0])));
  }

  async predict(images: Uint8Array): Promise<Float32Array[]> {
    this.#alive();
    return this.#gpu.guard(this.#placed.evaluator.predict(this.#asRead(images)));
  }

  async inspect(
    network: number,
    images: Uint8Array,
    labels?: Uint8Array,
    of: "training" | "evaluation" = "training",
  ): Promise<Inspection> {
    this.#alive();
    countInspected(images, labels, this.sizes);
    const { network: networks, evaluated } = this.#placed;
    const parameters = this.#read([of === "training" ? networks.parameters : evaluated]).then(
      ([each]) => each[network],
    );
    return this.#gpu.guard(this.#inspector.inspect(parameters, this.#asRead(images), labels));
  }

  /** Images as the networks read them. */
  #asRead(images: Uint8Array): Uint8Array {
    return asRead(images, this.#settings[0], this.#train);
  }

  destroy(): void {
    this.#destroyed = true;
    this.#placed.network.memory.destroy();
  }

  #alive(): void {
    if (this.#destroyed) throw new Error("the engine was used after destroy()");
  }
}

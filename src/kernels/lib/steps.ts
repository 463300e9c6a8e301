import type { Dispatch } from "../../gpu/kernel.ts";
import type { Memory } from "../../gpu/memory.ts";
import { stepGroup } from "../../gpu/shader.ts";
import type { StepSettings } from "../../model/settings.ts";
import type { KernelLibrary } from "./library.ts";

/**
 * One step as `struct Step` of `shaders/lib/step.wgsl` has it. Kernels that neither learn nor draw need the first two; the magnitude
 * is 1 unless given.
 */
export interface StepUniform {
  readonly first: number;
  readonly size: number;
  readonly learningRate?: number;
  readonly number?: number;
  readonly seed?: number;
  readonly momentumCorrection?: number;
  readonly secondMomentCorrection?: number;
  readonly averageShare?: number;
  readonly magnitude?: number | undefined;
}

/** What kernels know of training step `number`, from 1; the reference's `optimizers.ts` has the same formulas. */
export function trainingStepUniform(
  step: Pick<StepUniform, "first" | "size" | "magnitude"> & {
    readonly number: number;
    readonly learningRate: number;
    /** Steps before the optimizer's memory began; 0 unless given. */
    readonly slotsSince?: number | undefined;
  },
  { seed, momentum, beta2, averageDecay }: Pick<StepSettings, "seed" | "momentum" | "beta2" | "averageDecay">,
): StepUniform {
  const { slotsSince = 0, ...uniform } = step;
  const age = step.number - slotsSince;
  // Of the shares as shaders have them: one near 1 is another in float32, and 1 minus it a multiple.
  const correction = (share: number) => 1 / (1 - Math.fround(share) ** age);
  return {
    ...uniform,
    seed,
    momentumCorrection: correction(momentum),
    secondMomentCorrection: correction(beta2),
    averageShare: 1 - Math.min(averageDecay, (1 + age) / (10 + age)),
  };
}

/** Hears how many kernels are compiled, of how many. */
export type OnKernelsReady = (ready: number, kernels: number) => void;

/** Bytes of `struct Step`. */
const stepUniformBytes = 48;

/** What WebGPU allows a device to ask at most as the alignment of dynamic offsets. */
const offsetAlignment = 256;

/** Distance in the buffer of two steps of so many networks. */
function stepBytesOf(networks: number): number {
  return Math.ceil((networks * stepUniformBytes) / offsetAlignment) * offsetAlignment;
}

/** The most networks whose `Step`s fit a uniform binding on every device. */
export const mostNetworks = Math.floor(65_536 / stepUniformBytes);

/** Kernels that `compileBeforeUse` has seen, of all devices. */
const used = new WeakSet<GPUComputePipeline>();
/** Those that are being used for the first time, until they have been. */
const firstUses = new WeakMap<GPUComputePipeline, Promise<void>>();

/** What is dispatched in order as one step. */
export interface StepCommands {
  /** The step, or where more of it counts than `first` and `size`, that of each network. */
  readonly step: StepUniform | readonly StepUniform[];
  readonly dispatches: readonly Dispatch[];
}

/** The uniforms of the steps of one submission, written at once; each step binds its own. */
export class StepBuffer {
  readonly buffer: GPUBuffer;
  readonly #bindGroup: GPUBindGroup;
  readonly #device: GPUDevice;
  /** From a step to the next one. */
  readonly stepBytes: number;

  /** @param capacity the most steps that one `submit` may have */
  constructor(
    memory: Memory,
    { stepLayout }: KernelLibrary,
    readonly capacity: number,
  ) {
    this.#device = memory.device;
    this.stepBytes = stepBytesOf(memory.networks);
    this.buffer = memory.buffer(
      "steps",
      capacity * this.stepBytes,
      GPUBufferUsage.UNIFORM | GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST,
    );
    this.#bindGroup = this.#device.createBindGroup({
      label: "step",
      layout: stepLayout,
      entries: [{ binding: 0, resource: { buffer: this.buffer, size: memory.networks * stepUniformBytes } }],
    });
  }

  /**
   * Submits the commands of `steps`, and behind them what `after` encodes.
   * @returns what `after` does: the readbacks of what they leave
   */
  submit<T>(steps: readonly StepCommands[], after: (encoder: GPUCommandEncoder) => T): T {
    this.#write(steps);
    const encoder = this.#device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    for (const [index, { dispatches }] of steps.entries()) this.#encode(pass, index, dispatches);
    pass.end();
    const result = after(encoder);
    this.#device.queue.submit([encoder.finish()]);
    return result;
  }

  #write(steps: readonly StepCommands[]): void {
    const data = new DataView(new ArrayBuffer(steps.length * this.stepBytes));
    steps.forEach(({ step }, index) => {
      for (const [network, own] of [step].flat().entries())
        writeUniform(data, index * this.stepBytes + network * stepUniformBytes, own);
    });
    this.#device.queue.writeBuffer(this.buffer, 0, data.buffer);
  }

  /**
   * Has every kernel of `dispatches` compiled that is not yet: some implementations do so when one is first used, for many
   * seconds. Each is used once here, on no workgroups at all, in the order given.
   * @param onReady called with how many kernels are ready, of how many: at once, and whenever one is
   */
  async compileBeforeUse(dispatches: readonly Dispatch[], onReady: OnKernelsReady): Promise<void> {
    const kernels = [...new Map(dispatches.map((dispatch) => [dispatch.pipeline, dispatch])).values()].filter(
      ({ pipeline }) => !used.has(pipeline),
    );
    if (kernels.length === 0) return;
    let ready = 0;
    // All are submitted before anybody hears of it: who listens may destroy what they use.
    const compiled = kernels.map(async (dispatch) => {
      await this.#firstUse(dispatch);
      onReady(++ready, kernels.length);
    });
    onReady(ready, kernels.length);
    await Promise.all(compiled);
  }

  /** The first use of a pipeline, whoever asked for it first. */
  #firstUse({ pipeline, bindGroup }: Dispatch): Promise<void> {
    const underWay = firstUses.get(pipeline);
    if (underWay) return underWay;
    // Zeros that only the GPU reads: a count of zero by the host's own hand would be remarked on.
    const none = this.#device.createBuffer({
      label: "no workgroups",
      size: 12,
      usage: GPUBufferUsage.INDIRECT,
    });
    const encoder = this.#device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, bindGroup);
    pass.setBindGroup(stepGroup, this.#bindGroup, [0]);
    pass.dispatchWorkgroupsIndirect(none, 0);
    pass.end();
    this.#device.queue.submit([encoder.finish()]);
    const use = this.#device.queue.onSubmittedWorkDone().then(() => void used.add(pipeline));
    const ended = use.finally(() => {
      firstUses.delete(pipeline);
      none.destroy();
    });
    firstUses.set(pipeline, ended);
    return ended;
  }

  #encode(pass: GPUComputePassEncoder, index: number, dispatches: readonly Dispatch[]): void {
    pass.setBindGroup(stepGroup, this.#bindGroup, [index * this.stepBytes]);
    for (const { pipeline, bindGroup, grid } of dispatches) {
      pass.setPipeline(pipeline);
      pass.setBindGroup(0, bindGroup);
      pass.dispatchWorkgroups(...grid);
    }
  }
}

function writeUniform(data: DataView, at: number, step: StepUniform): void {
  data.setUint32(at, step.first, true);
  data.setUint32(at + 4, step.size, true);
  data.setFloat32(at + 8, step.learningRate ?? 0, true);
  data.setUint32(at + 12, step.number ?? 0, true);
  data.setUint32(at + 16, step.seed ?? 0, true);
  data.setFloat32(at + 20, step.momentumCorrection ?? 0, true);
  data.setFloat32(at + 24, step.secondMomentCorrection ?? 0, true);
  data.setFloat32(at + 28, step.averageShare ?? 0, true);
  data.setFloat32(at + 32, step.magnitude ?? 1, true);
}

import { type Dispatch, stepGroup } from "../gpu/kernel.ts";
import type { Memory } from "../gpu/memory.ts";
import type { KernelLibrary } from "./library.ts";

/** One step as `struct Step` of `shaders/step.wgsl` has it. */
export interface StepUniform {
  readonly first: number;
  readonly size: number;
  readonly learningRate: number;
}

/** Distance of two steps in the buffer: the largest alignment of dynamic offsets that WebGPU allows a device to ask. */
export const stepBytes = 256;

/** The uniforms of the steps of one submission, written at once; encoding a step binds its own. */
export class StepBuffer {
  readonly buffer: GPUBuffer;
  readonly #bindGroup: GPUBindGroup;
  readonly #device: GPUDevice;

  /** @param capacity the most steps that one `write` may have */
  constructor(
    memory: Memory,
    { stepLayout }: KernelLibrary,
    readonly capacity: number,
  ) {
    this.#device = memory.device;
    this.buffer = memory.buffer(
      "steps",
      capacity * stepBytes,
      GPUBufferUsage.UNIFORM | GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST,
    );
    this.#bindGroup = this.#device.createBindGroup({
      label: "step",
      layout: stepLayout,
      entries: [{ binding: 0, resource: { buffer: this.buffer, size: 16 } }],
    });
  }

  /** What commands submitted from now on find. */
  write(steps: readonly StepUniform[]): void {
    const data = new DataView(new ArrayBuffer(steps.length * stepBytes));
    steps.forEach(({ first, size, learningRate }, index) => {
      const at = index * stepBytes;
      data.setUint32(at, first, true);
      data.setUint32(at + 4, size, true);
      data.setFloat32(at + 8, learningRate, true);
    });
    this.#device.queue.writeBuffer(this.buffer, 0, data.buffer);
  }

  /** Encodes `dispatches` in order, as entry `index` of what was written. */
  encode(pass: GPUComputePassEncoder, index: number, dispatches: readonly Dispatch[]): void {
    pass.setBindGroup(stepGroup, this.#bindGroup, [index * stepBytes]);
    for (const { pipeline, bindGroup, grid } of dispatches) {
      pass.setPipeline(pipeline);
      pass.setBindGroup(0, bindGroup);
      pass.dispatchWorkgroups(grid[0], grid[1]);
    }
  }
}

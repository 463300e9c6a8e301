import type { Gpu } from "../../../src/gpu/gpu.ts";

/** A pipeline as it was asked for: what a compiler needs of it. */
export interface RecordedPipeline {
  readonly label: string;
  readonly code: string;
  readonly entryPoint: string;
  readonly constants: Readonly<Record<string, number>>;
  /** Of its bind groups, in order. */
  readonly layouts: readonly GPUBindGroupLayoutDescriptor[];
}

/** A buffer that a dispatch has bound. */
export interface BoundBuffer {
  readonly label: string;
  readonly bytes: number;
  /** Whether it may be written to as well. */
  readonly written: boolean;
}

export interface RecordedDispatch {
  readonly pipeline: RecordedPipeline;
  readonly workgroups: number;
  readonly buffers: readonly BoundBuffer[];
}

/** A bind group as the recorder keeps it. */
interface Group {
  readonly buffers: readonly BoundBuffer[];
}

/**
 * Takes down what is compiled and dispatched, on a GPU that only pretends to be there: buffers hold nothing, commands do
 * nothing, and nothing can be read back.
 */
export class Recorder {
  /** What was dispatched so far, in order. */
  readonly dispatches: RecordedDispatch[] = [];
  /** Calls by which it was encoded. */
  calls = 0;
  readonly gpu: Gpu;

  /** @param limits of the GPU that it stands for */
  constructor(limits: Readonly<Record<string, number>>, features: readonly GPUFeatureName[]) {
    this.gpu = {
      device: this.#device(limits, features) as unknown as GPUDevice,
      name: "recorder",
      software: false,
      subgroupMinSize: 32,
      failure: new Promise(() => {}),
      guard: (work) => work,
      destroy() {},
    };
  }

  #device(limits: Readonly<Record<string, number>>, features: readonly GPUFeatureName[]) {
    return {
      limits,
      features: new Set(features),
      queue: { writeBuffer() {}, submit() {} },
      createBuffer: ({ label, size }: GPUBufferDescriptor) => ({ label, size, destroy() {} }),
      createBindGroupLayout: (descriptor: GPUBindGroupLayoutDescriptor) => descriptor,
      createPipelineLayout: (descriptor: GPUPipelineLayoutDescriptor) => descriptor,
      createShaderModule: (descriptor: GPUShaderModuleDescriptor) => descriptor,
      createBindGroup: (descriptor: unknown) => group(descriptor as GroupDescriptor),
      createComputePipelineAsync: async (descriptor: unknown) => pipeline(descriptor as PipelineDescriptor),
      createCommandEncoder: () => ({
        beginComputePass: () => this.#pass(),
        copyBufferToBuffer() {},
        finish: () => ({}),
      }),
    };
  }

  #pass() {
    const groups: Group[] = [];
    let current: RecordedPipeline | undefined;
    return {
      setPipeline: (next: RecordedPipeline) => {
        this.calls++;
        current = next;
      },
      setBindGroup: (index: number, next: Group) => {
        this.calls++;
        groups[index] = next;
      },
      dispatchWorkgroups: (x: number, y = 1, z = 1) => {
        this.calls++;
        const { buffers } = groups[0];
        this.dispatches.push({ pipeline: current!, workgroups: x * y * z, buffers });
      },
      end() {},
    };
  }
}

/** What descriptors hold on the recorder's device. */
interface GroupDescriptor {
  readonly layout: GPUBindGroupLayoutDescriptor;
  readonly entries: readonly {
    readonly binding: number;
    readonly resource: { readonly buffer: GPUBuffer };
  }[];
}

interface PipelineDescriptor {
  readonly label: string;
  readonly layout: { readonly bindGroupLayouts: readonly GPUBindGroupLayoutDescriptor[] };
  readonly compute: {
    readonly module: GPUShaderModuleDescriptor;
    readonly entryPoint: string;
    readonly constants: Readonly<Record<string, number>>;
  };
}

function group({ layout, entries }: GroupDescriptor): Group {
  const types = new Map([...layout.entries].map(({ binding, buffer }) => [binding, buffer?.type]));
  return {
    buffers: entries.map(({ binding, resource: { buffer } }) => ({
      label: buffer.label,
      bytes: buffer.size,
      written: types.get(binding) === "storage",
    })),
  };
}

function pipeline({ label, layout, compute }: PipelineDescriptor): RecordedPipeline {
  const { module, entryPoint, constants } = compute;
  return { label, code: module.code, entryPoint, constants, layouts: layout.bindGroupLayouts };
}

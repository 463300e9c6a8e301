/** What the commands of a stretch of work amount to. */
export interface GpuCounts {
  readonly dispatches: number;
  readonly submits: number;
  /** Bytes that the host wrote into buffers. */
  readonly uploadBytes: number;
  /** Bytes copied into buffers that the host can map. */
  readonly readbackBytes: number;
}

/**
 * Counts what goes through WebGPU in this process, whoever calls it, by wrapping methods of its prototypes. Buffers are
 * counted from `watchBuffers` on; commands, which are many, only within `countCommands`, so that measuring is free.
 */
export class GpuCounters {
  readonly #live = new Map<GPUBuffer, number>();

  /** Call it before the first device is asked for. */
  watchBuffers(): void {
    const live = this.#live;
    wrap(GPUDevice.prototype, "createBuffer", (buffer) =>
      live.set(buffer as GPUBuffer, (buffer as GPUBuffer).size),
    );
    wrap(GPUBuffer.prototype, "destroy", (_result, buffer) => live.delete(buffer));
  }

  /** Bytes of all buffers that were made and not destroyed. */
  get bufferBytes(): number {
    let sum = 0;
    for (const size of this.#live.values()) sum += size;
    return sum;
  }

  /** Counts the commands of `work`. */
  async countCommands(work: () => Promise<unknown>): Promise<GpuCounts> {
    const counts = { dispatches: 0, submits: 0, uploadBytes: 0, readbackBytes: 0 };
    const unwrap = [
      wrap(GPUComputePassEncoder.prototype, "dispatchWorkgroups", () => counts.dispatches++),
      wrap(GPUQueue.prototype, "submit", () => counts.submits++),
      wrap(GPUQueue.prototype, "writeBuffer", (_result, _queue, [, , data, offset, size]) => {
        counts.uploadBytes += writtenBytes(data as ArrayBufferView, offset as number, size as number);
      }),
      wrap(GPUDevice.prototype, "createBuffer", (_result, _device, [descriptor]) => {
        const { mappedAtCreation, size } = descriptor as GPUBufferDescriptor;
        if (mappedAtCreation) counts.uploadBytes += size;
      }),
      wrap(GPUCommandEncoder.prototype, "copyBufferToBuffer", (_result, _encoder, given) => {
        const [target, size] = typeof given[1] === "number" ? [given[2], given[4]] : [given[1], given[2]];
        const buffer = target as GPUBuffer;
        if (buffer.usage & GPUBufferUsage.MAP_READ) counts.readbackBytes += (size as number) ?? buffer.size;
      }),
    ];
    try {
      await work();
      return counts;
    } finally {
      for (const restore of unwrap.reverse()) restore();
    }
  }
}

/** Bytes that `writeBuffer` takes from `data`: offset and size are elements of a view, bytes of a buffer. */
function writtenBytes(data: ArrayBufferView | ArrayBuffer, offset = 0, size?: number): number {
  const element = (data as Uint8Array).BYTES_PER_ELEMENT ?? 1;
  return size === undefined ? data.byteLength - offset * element : size * element;
}

/** Calls `after` with the result, the object and the arguments of every call of a method; returns what undoes it. */
function wrap<T extends object>(
  prototype: T,
  name: keyof T & string,
  after: (result: unknown, self: T, given: readonly unknown[]) => void,
): () => void {
  const original = prototype[name] as (...given: unknown[]) => unknown;
  const wrapped = function (this: T, ...given: unknown[]): unknown {
    const result = original.apply(this, given);
    after(result, this, given);
    return result;
  };
  Object.assign(prototype, { [name]: wrapped });
  return () => Object.assign(prototype, { [name]: original });
}

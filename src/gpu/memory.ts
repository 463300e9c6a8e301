import { UserError } from "../errors.ts";

const storage = 0x0080; // GPUBufferUsage.STORAGE: the global is only there once WebGPU is, this module may load before.

/**
 * Creates buffers and owns them: one `destroy()` frees all. Refuses what the device cannot hold before anything is
 * allocated, naming the limit.
 */
export class Memory {
  readonly #buffers = new Set<GPUBuffer>();
  #destroyed = false;
  #partBytes = 0;
  #largestPart = 0;

  /** @param networks how many there are that have parts of buffers of their own */
  constructor(
    readonly device: GPUDevice,
    readonly networks = 1,
  ) {}

  /** A zeroed buffer of `bytes` (rounded up to a multiple of 4). Throws a UserError if it exceeds a limit. */
  buffer(label: string, bytes: number, usage: GPUBufferUsageFlags): GPUBuffer {
    this.check();
    checkSize(this.device.limits, label, bytes, { usage });
    const buffer = this.device.createBuffer({ label, size: Math.max(16, Math.ceil(bytes / 4) * 4), usage });
    this.#buffers.add(buffer);
    return buffer;
  }

  /** A storage buffer that can be written to from the host and copied from. */
  storage(label: string, bytes: number): GPUBuffer {
    return this.buffer(
      label,
      bytes,
      GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST | GPUBufferUsage.COPY_SRC,
    );
  }

  /** A storage buffer of which each network has a part of `bytes`, part behind part. */
  storageOfEach(label: string, bytes: number): GPUBuffer {
    const part = Math.max(16, Math.ceil(bytes / 16) * 16);
    this.#partBytes += part;
    this.#largestPart = Math.max(this.#largestPart, part);
    return this.storage(label, this.networks === 1 ? bytes : this.networks * part);
  }

  /** Writes `data` to the part of `network`, from byte `offset` of it on. */
  write(buffer: GPUBuffer, network: number, offset: number, data: ArrayBufferView<ArrayBuffer>): void {
    this.device.queue.writeBuffer(buffer, network * this.partOf(buffer) + offset, data);
  }

  /** Bytes of a network's part of `buffer`. */
  partOf(buffer: GPUBuffer): number {
    return buffer.size / this.networks;
  }

  /** What each network takes: bytes of all its parts, and of the largest one. */
  get ofEachNetwork(): { readonly bytes: number; readonly largest: number } {
    return { bytes: this.#partBytes, largest: this.#largestPart };
  }

  /** Throws an Error after `destroy()`: a device that is handed destroyed buffers fails whoever else uses it. */
  check(): void {
    if (this.#destroyed) throw new Error("destroy() was called before this was answered");
  }

  /** What `allocate` returns, and the buffers that it has made. */
  allocatedBy<T>(allocate: () => T): { readonly made: T; readonly buffers: readonly GPUBuffer[] } {
    const before = new Set(this.#buffers);
    const made = allocate();
    return { made, buffers: [...this.#buffers].filter((buffer) => !before.has(buffer)) };
  }

  /** Frees one buffer now. */
  free(buffer: GPUBuffer): void {
    this.#buffers.delete(buffer);
    buffer.destroy();
  }

  /** Bytes held now. */
  get bytes(): number {
    let sum = 0;
    for (const buffer of this.#buffers) sum += buffer.size;
    return sum;
  }

  destroy(): void {
    this.#destroyed = true;
    for (const buffer of this.#buffers) buffer.destroy();
    this.#buffers.clear();
  }
}

/** Bytes of the largest buffer that a kernel can read or write. */
export function largestStorage(limits: GPUSupportedLimits): number {
  return Math.min(limits.maxBufferSize, limits.maxStorageBufferBindingSize);
}

/**
 * Throws a UserError that names the exceeded limit if a buffer of `bytes` cannot be had with `limits`.
 * @param remedy what to do then
 */
export function checkSize(
  limits: GPUSupportedLimits,
  what: string,
  bytes: number,
  { usage = storage, remedy = "Use a smaller network or batch size." } = {},
): void {
  const names: (keyof GPUSupportedLimits & string)[] = ["maxBufferSize"];
  if (usage & storage) names.push("maxStorageBufferBindingSize");
  for (const name of names) {
    const limit = limits[name] as number;
    if (bytes > limit) {
      throw new UserError(`${what} needs ${bytes} bytes, but this adapter's ${name} is ${limit}. ${remedy}`);
    }
  }
}

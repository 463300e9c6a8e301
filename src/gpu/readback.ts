import type { Memory } from "./memory.ts";

/** A copy of a part of a buffer on its way to the host. */
export interface Readback {
  /** The bytes, as they were when the copy was submitted; may be called once. */
  read(): Promise<ArrayBuffer>;
}

/** A copy of the same part of each network's on its way to the host. */
export interface ReadbackOfEach {
  /** The bytes of each network, as they were when the copies were submitted; may be called once. */
  read(): Promise<ArrayBuffer[]>;
}

/**
 * Encodes a copy of `bytes` of `source` from `offset` on into a staging buffer, which is freed once it has been read.
 * Call `read()` after the encoder's commands were submitted.
 */
export function encodeReadback(
  memory: Memory,
  encoder: GPUCommandEncoder,
  source: GPUBuffer,
  offset = 0,
  bytes = source.size - offset,
): Readback {
  const copied = encodeCopies(memory, encoder, source, [offset], bytes);
  return { read: async () => (await copied.read())[0] };
}

/** `encodeReadback` of each network's part of `source`, by one staging buffer. */
export function encodeReadbackOfEach(
  memory: Memory,
  encoder: GPUCommandEncoder,
  source: GPUBuffer,
  offset = 0,
  bytes = memory.partOf(source) - offset,
): ReadbackOfEach {
  const part = memory.partOf(source);
  const offsets = Array.from({ length: memory.networks }, (_, network) => network * part + offset);
  return encodeCopies(memory, encoder, source, offsets, bytes);
}

function encodeCopies(
  memory: Memory,
  encoder: GPUCommandEncoder,
  source: GPUBuffer,
  offsets: readonly number[],
  bytes: number,
): ReadbackOfEach {
  const staging = memory.buffer(
    `staging for ${source.label}`,
    offsets.length * bytes,
    GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST,
  );
  offsets.forEach((offset, index) => {
    encoder.copyBufferToBuffer(source, offset, staging, index * bytes, bytes);
  });
  return {
    async read() {
      memory.check();
      try {
        await staging.mapAsync(GPUMapMode.READ, 0, offsets.length * bytes);
        const mapped = staging.getMappedRange(0, offsets.length * bytes);
        return offsets.map((_, index) => mapped.slice(index * bytes, (index + 1) * bytes));
      } catch (error) {
        // What is destroyed rejects without a word.
        memory.check();
        throw error;
      } finally {
        memory.free(staging);
      }
    },
  };
}

import type { Memory } from "./memory.ts";

/** A copy of a part of a buffer on its way to the host. */
export interface Readback {
  /** The bytes, as they were when the copy was submitted; may be called once. */
  read(): Promise<ArrayBuffer>;
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
  const staging = memory.buffer(
    `staging for ${source.label}`,
    bytes,
    GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST,
  );
  encoder.copyBufferToBuffer(source, offset, staging, 0, bytes);
  return {
    async read() {
      try {
        await staging.mapAsync(GPUMapMode.READ, 0, bytes);
        return staging.getMappedRange(0, bytes).slice(0);
      } finally {
        memory.free(staging);
      }
    },
  };
}

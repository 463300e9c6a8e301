import type { Memory } from "./memory.ts";

/** A copy of a part of a buffer on its way to the host. */
export interface Readback {
  /**
   * The bytes, as they were when the copy was submitted; may be called once.
   * @param expectedMs how long the GPU is expected to be busy until the copy. Waiting for a map keeps a core spinning
   * under Dawn in Node, so most of this time is slept through first.
   */
  read(expectedMs?: number): Promise<ArrayBuffer>;
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
    async read(expectedMs = 0) {
      try {
        // Never all of the expected time: what is measured here is what is expected next, and must be able to shrink.
        const asleepMs = 0.9 * expectedMs;
        if (asleepMs > 1) await new Promise((wake) => setTimeout(wake, asleepMs));
        await staging.mapAsync(GPUMapMode.READ, 0, bytes);
        return staging.getMappedRange(0, bytes).slice(0);
      } finally {
        memory.free(staging);
      }
    },
  };
}

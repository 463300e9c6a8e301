import { parseArgs } from "node:util";
import { UserError } from "../../src/errors.ts";
import { findGpu, listAdapters, openFound } from "../../src/node/adapter.ts";

/*
 * A program of its own for the tests of the adapter: what it does with libraries and memory lasts as long as the
 * process. Prints one line of JSON, a `ProbeReport`. Run it with `--expose-gc`.
 */

export interface ProbeReport {
  /** The descriptions of all adapters (with `--list`) or of the one that was found. */
  readonly adapters?: string[];
  /** What the device copied after all garbage was collected; `[1, 2, 3, 4]` if all is well. */
  readonly copied?: number[];
  /** The message of a `UserError`. Other errors end the program. */
  readonly userError?: string;
}

const { values } = parseArgs({
  options: { adapter: { type: "string" }, list: { type: "boolean" }, debug: { type: "boolean" } },
});

async function probe(): Promise<ProbeReport> {
  if (values.list) return { adapters: (await listAdapters()).map(({ description }) => description) };
  // Only the device is kept: what it came from must live on by itself.
  const { device, description } = await findGpu(values).then(async (found) => ({
    device: (await openFound(found, values)).device,
    description: found.description,
  }));
  for (let round = 0; round < 10; round++) {
    globalThis.gc!();
    await new Promise((resolve) => setImmediate(resolve));
  }
  const copied = await copyThroughDevice(device, new Uint32Array([1, 2, 3, 4]));
  device.destroy();
  return { adapters: [description], copied };
}

async function copyThroughDevice(device: GPUDevice, data: Uint32Array<ArrayBuffer>): Promise<number[]> {
  const size = data.byteLength;
  const source = device.createBuffer({ size, usage: GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST });
  const staging = device.createBuffer({ size, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST });
  device.queue.writeBuffer(source, 0, data);
  const encoder = device.createCommandEncoder();
  encoder.copyBufferToBuffer(source, 0, staging, 0, size);
  device.queue.submit([encoder.finish()]);
  await staging.mapAsync(GPUMapMode.READ);
  return [...new Uint32Array(staging.getMappedRange())];
}

const report = await probe().catch((error: unknown): ProbeReport => {
  if (error instanceof UserError) return { userError: error.message };
  throw error;
});
console.log(JSON.stringify(report));

import { afterAll, afterEach, beforeAll } from "vitest";
import { findGpu } from "../../src/node/adapter.ts";
import { takeNaps } from "../../src/node/napping.ts";

/*
 * The one GPU of a test file. What the device complains of fails the test in which it does, without a word of that
 * test about it; after the last test the device is destroyed.
 */

let found: ReturnType<typeof findGpu> | undefined;
let device: Promise<GPUDevice> | undefined;
let complaints: string[] = [];

/**
 * The adapter that users get, or the one that `TEST_ADAPTER` names as `--adapter` would; a new object each time, since an
 * adapter gives one device and is used up. Rejects where there is none: GPU tests then fail, they are never skipped.
 */
export async function testAdapter(): Promise<GPUAdapter> {
  found ??= findGpu({ adapter: process.env.TEST_ADAPTER || undefined });
  const adapter = await (await found).gpu.requestAdapter();
  if (!adapter) throw new Error("the adapter that was found is gone");
  return adapter;
}

/** A device with the adapter's own limits for buffers, the same one for all tests of a file. */
export function testDevice(): Promise<GPUDevice> {
  device ??= requestDevice();
  return device;
}

async function requestDevice(): Promise<GPUDevice> {
  const adapter = await testAdapter();
  const { maxBufferSize, maxStorageBufferBindingSize } = adapter.limits;
  const requested = await adapter.requestDevice({
    label: "test device",
    requiredLimits: { maxBufferSize, maxStorageBufferBindingSize },
  });
  requested.addEventListener("uncapturederror", ({ error }) => complaints.push(error.message));
  requested.lost.then(({ reason, message }) => {
    if (reason !== "destroyed") complaints.push(`the device was lost: ${message}`);
  });
  return requested;
}

/** Throws what the device complained of since the last call. */
async function checkDevice(): Promise<void> {
  if (!device) return;
  // Errors are reported before the work that was submitted after them is.
  await (await device).queue.onSubmittedWorkDone();
  const heard = complaints;
  complaints = [];
  if (heard.length > 0) throw new Error(`Uncaptured WebGPU errors:\n${heard.join("\n")}`);
}

// As the command line waits for a device: a core that spins is one that the test file beside this one lacks.
beforeAll(() => takeNaps());
afterEach(checkDevice);

afterAll(async () => {
  try {
    await checkDevice();
  } finally {
    if (device) (await device).destroy();
  }
});

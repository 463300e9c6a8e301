import { UserError } from "../errors.ts";
import { DeviceLostError, type Gpu, OutOfMemoryError, openGpu } from "../gpu/gpu.ts";

/** Why this browser cannot compute on a GPU: each has its own screen. */
export type NoGpuReason = "insecure" | "unsupported" | "no-adapter";

/** There is no GPU to train on, for a reason that the person at the page may be able to mend. */
export class NoGpuError extends UserError {
  override name = "NoGpuError";
  constructor(
    readonly reason: NoGpuReason,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/**
 * Opens the best adapter that the browser gives.
 * @throws NoGpuError
 */
export async function openDevice(): Promise<Gpu> {
  // Browsers hide WebGPU from insecure pages: that is the reason to name then, whatever the browser could do.
  if (!isSecureContext)
    throw new NoGpuError("insecure", "This page was not opened over a secure connection.");
  if (!navigator.gpu) throw new NoGpuError("unsupported", "This browser does not offer WebGPU.");
  try {
    const adapter = await navigator.gpu.requestAdapter({ powerPreference: "high-performance" });
    if (adapter) return await openGpu(adapter);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new NoGpuError("no-adapter", `The GPU refused a device: ${reason}.`, { cause });
  }
  throw new NoGpuError("no-adapter", "The browser found no GPU that it may use.");
}

/** Whether it is the device that failed: what was asked of it fails too, which nobody need be told of twice. */
export function isDeviceFailure(error: unknown): boolean {
  return error instanceof DeviceLostError || error instanceof OutOfMemoryError;
}

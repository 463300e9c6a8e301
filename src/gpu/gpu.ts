import { UserError } from "../errors.ts";

/** A device and what is known of the adapter behind it. Owns the device until `destroy()`. */
export interface Gpu {
  readonly device: GPUDevice;
  /** The adapter's name as a person knows it. */
  readonly name: string;
  /** Whether the adapter computes on the CPU (SwiftShader, llvmpipe): kernels are planned differently for it. */
  readonly software: boolean;
  /** The fewest invocations that the adapter runs in lockstep, at least 4; of a software adapter the lanes of a vector. */
  readonly subgroupMinSize: number;
  /** The first error that no error scope caught, as soon as there is one: a bug of ours, a lost device, or memory that is used up. */
  readonly failure: Promise<Error>;
  /** Passes `work`'s result on; if the device has failed meanwhile, rejects with that failure instead. */
  guard<T>(work: Promise<T>): Promise<T>;
  destroy(): void;
}

/** The device was taken away (driver reset, unplugged, `device.destroy()`): training can go on with a new one. */
export class DeviceLostError extends UserError {
  override name = "DeviceLostError";
}

/** The device has no memory left for what was asked of it: it is of no more use. */
export class OutOfMemoryError extends UserError {
  override name = "OutOfMemoryError";
}

/** Limits that a network may need more of than WebGPU promises everywhere: asked for as far as the adapter goes. */
const wantedLimits = [
  "maxBufferSize",
  "maxStorageBufferBindingSize",
  "maxStorageBuffersPerShaderStage",
] as const;

/** Features that kernels use where they can be had. */
const wantedFeatures = ["subgroups"] as const;

/**
 * Opens a device on `adapter`, with as much as the adapter has of the limits that matter, and every feature that a kernel can use.
 * @param adapter what `requestAdapter()` resolved to
 * @throws UserError if that is null, as it is where WebGPU finds no adapter
 */
export async function openGpu(adapter: GPUAdapter | null): Promise<Gpu> {
  if (!adapter) {
    throw new UserError(
      'There is no WebGPU adapter here. Update the graphics driver, or train with backend "cpu".',
    );
  }
  const device = await adapter.requestDevice({
    label: "mnist-webgpu",
    requiredFeatures: wantedFeatures.filter((feature) => adapter.features.has(feature)),
    requiredLimits: Object.fromEntries(wantedLimits.map((limit) => [limit, adapter.limits[limit]])),
  });
  const failure = Promise.race([
    device.lost.then(
      (lost) =>
        new DeviceLostError(
          `The GPU device was lost (${lost.reason || "unknown reason"}): ${sentence(lost.message || "no details")}`,
        ),
    ),
    new Promise<Error>((resolve) => {
      const tell = ({ error }: GPUUncapturedErrorEvent) => {
        resolve(
          error instanceof GPUOutOfMemoryError
            ? new OutOfMemoryError(
                `The GPU is out of memory: ${sentence(error.message)} Use a smaller network or batch size.`,
              )
            : new Error(`WebGPU: ${error.message}`),
        );
      };
      device.addEventListener("uncapturederror", tell);
      // Dawn keeps a listener for ever, and with it the device and all that was compiled for it.
      void device.lost.then(() => device.removeEventListener("uncapturederror", tell));
    }),
  ]);
  let failed: Error | undefined;
  void failure.then((error) => {
    failed = error;
  });
  return {
    device,
    name: adapterName(adapter),
    software: isSoftware(adapter),
    // 4 is WebGPU's least; where there are no subgroups, some implementations say nothing or 0.
    subgroupMinSize: Math.max(4, adapter.info.subgroupMinSize ?? 4),
    failure,
    async guard(work) {
      try {
        const result = await work;
        if (failed) throw failed;
        return result;
      } catch (error) {
        // A lost device rejects pending maps a moment before it says why.
        throw await Promise.race([failure, new Promise((resolve) => setTimeout(resolve, 100, error))]);
      }
    },
    destroy: () => device.destroy(),
  };
}

/** The first line of what a driver says, ending as a sentence does. */
function sentence(text: string): string {
  const [line] = text.trim().split("\n");
  return /[.!?]$/.test(line) ? line : `${line}.`;
}

/** What a person calls the adapter: its description, or whatever of vendor, architecture and device is known. */
export function adapterName({ info }: GPUAdapter): string {
  return (
    info.description ||
    [info.vendor, info.architecture, info.device].filter(Boolean).join(" ") ||
    "unnamed adapter"
  );
}

/** Whether the adapter runs on the CPU: it says so itself, or is one of the known software drivers. */
export function isSoftware({ info }: GPUAdapter): boolean {
  const words = `${info.vendor} ${info.architecture} ${info.device} ${info.description}`;
  return info.isFallbackAdapter || /swiftshader|llvmpipe|lavapipe|software|basic render/i.test(words);
}

import { isMainThread } from "node:worker_threads";
import { UserError } from "../errors.ts";
import { type Gpu, isSoftware, openGpu } from "../gpu/gpu.ts";
import { nativeCalls, type quietly } from "./native-stderr.ts";
import { installCommand } from "./packages.ts";
import {
  hasVulkanLoader,
  swiftshaderOptions,
  swiftshaderPackage,
  swiftshaderSpec,
  withSwiftshader,
} from "./swiftshader.ts";

/** An adapter of Dawn, the WebGPU implementation that Node uses. */
export interface FoundAdapter {
  /** Gives this adapter and no other: ask it for a new one when `adapter` has been used up. */
  readonly gpu: GPU;
  /** Gives one device, and is used up by that. */
  readonly adapter: GPUAdapter;
  /** The name that its driver gives it, e.g. `SwiftShader Device (Subzero)`. */
  readonly name: string;
  /** For the line at the start: the name, and for a software adapter that it is software. */
  readonly description: string;
  /** Whether it computes on the CPU. */
  readonly software: boolean;
}

/** How adapters are looked for. */
export interface Look {
  /** Lets drivers, their loader and Dawn write to stderr: their remarks are kept back otherwise. */
  readonly debug?: boolean | undefined;
}

type Dawn = typeof import("webgpu");

/** Calls what may write to stderr. */
type Call = typeof quietly;

/**
 * What Dawn's `create()` returned. Dawn takes the whole process down when one of these is garbage-collected, even
 * while adapters and devices made from it live on, so that all of them stay here until the process ends.
 */
const keptAlive: GPU[] = [];

/**
 * Finds what to compute on: a GPU, else the SwiftShader that an npm package carries (Linux x64), else another
 * software adapter of the system. Makes WebGPU's names (`GPUBufferUsage` and so on) global.
 * @param options.adapter part of a name, vendor, architecture, device or description, in any case; `software` stands
 * for the software adapters
 * @throws UserError if there is no adapter, or none of that name, or WebGPU does not load on this machine
 */
export async function findGpu(
  options: Look & { readonly adapter?: string | undefined } = {},
): Promise<FoundAdapter> {
  const wanted = options.adapter?.trim().toLowerCase();
  const others: FoundAdapter[] = [];
  for await (const found of adapters(options)) {
    if (wanted === undefined) {
      return found.software ? { ...found, description: `${found.description} (no GPU was found)` } : found;
    }
    if (searchText(found).includes(wanted)) return found;
    others.push(found);
  }
  const names = others.map(({ description }) => description).join(", ");
  throw new UserError(`No adapter is called "${options.adapter}". There is: ${names}.`);
}

/** Every adapter of this machine, in the order in which `findGpu` prefers them. Throws like it if there is none. */
export async function listAdapters(look: Look = {}): Promise<FoundAdapter[]> {
  const all: FoundAdapter[] = [];
  for await (const found of adapters(look)) all.push(found);
  return all;
}

/** Opens a device on an adapter that was found. */
export function openFound({ adapter }: FoundAdapter, look: Look = {}): Promise<Gpu> {
  return nativeCalls(look)(() => openGpu(adapter));
}

/** Opens another device on it, once `openFound` has used it up. */
export async function openFoundAgain({ gpu }: FoundAdapter, look: Look = {}): Promise<Gpu> {
  const call = nativeCalls(look);
  const adapter = await requestAdapter(gpu, call);
  return call(() => openGpu(adapter));
}

/** All adapters, best first; SwiftShader is unpacked only for those who want more than the GPUs. */
async function* adapters(look: Look): AsyncGenerator<FoundAdapter> {
  const dawn = await loadDawn();
  const call = nativeCalls(look);
  // Without a loader Dawn finds nothing on Linux either, but prints a warning about it.
  const askSystem = process.platform !== "linux" || (await call(hasVulkanLoader));
  const system = askSystem ? await enumerate(dawn, call) : [];
  yield* system.filter(({ software }) => !software);
  const packaged = await swiftshaderAdapters(dawn, call, system.length > 0);
  yield* packaged;
  yield* system.filter(({ software }) => software);
  if (system.length + packaged.length === 0) throw new UserError(nothingFound(askSystem));
}

/** The SwiftShader of the npm package, if that is installed and, where there are other adapters, if it works. */
async function swiftshaderAdapters(dawn: Dawn, call: Call, thereAreOthers: boolean): Promise<FoundAdapter[]> {
  const packageFolder = swiftshaderPackage();
  if (packageFolder === undefined) return [];
  try {
    return await withSwiftshader(packageFolder, call, () => enumerate(dawn, call, swiftshaderOptions));
  } catch (error) {
    if (error instanceof UserError && thereAreOthers) return [];
    throw error;
  }
}

/** Loads Dawn and makes WebGPU's names global. */
async function loadDawn(): Promise<Dawn> {
  // A worker's process.env is a copy: the Vulkan loader would not see what is set there.
  if (!isMainThread) throw new Error("WebGPU adapters can be found in the main thread only");
  let dawn: Dawn;
  try {
    dawn = await import("webgpu");
  } catch (error) {
    const reason = (error as Error).message.split("\n")[0];
    throw new UserError(
      `WebGPU does not load on this machine (${process.platform} ${process.arch}): ${reason}. ` +
        "It runs on Linux with glibc, macOS and Windows, on x64 and arm64; `--backend cpu` trains without it.",
    );
  }
  Object.assign(globalThis, dawn.globals);
  return dawn;
}

/** The adapters that Dawn sees now, fast ones first. */
async function enumerate(dawn: Dawn, call: Call, options: readonly string[] = []): Promise<FoundAdapter[]> {
  const found: FoundAdapter[] = [];
  for (const name of await adapterNames(dawn, call)) {
    const gpu = createInstance(dawn, [`adapter=${name}`, ...options]);
    const adapter = await requestAdapter(gpu, call);
    if (adapter) found.push(foundAdapter(gpu, adapter, name));
  }
  return found;
}

/**
 * Dawn tells the adapters' names only when it is asked for one that is not there: the error lists them, one line
 * ` * backend: 'vulkan', name: 'SwiftShader Device (Subzero)'` each (src/dawn/node/binding/GPU.cpp).
 */
async function adapterNames(dawn: Dawn, call: Call): Promise<string[]> {
  try {
    await requestAdapter(createInstance(dawn, ["adapter=(a name that no adapter has)"]), call);
    return [];
  } catch (error) {
    const { message } = error as Error;
    if (!message.includes("Available adapters:")) throw error;
    const names = [...message.matchAll(/^ \* backend: '.*', name: '(.*)'$/gm)].map(([, name]) => name!);
    return [...new Set(names)];
  }
}

/** Here drivers are loaded and looked at. */
function requestAdapter(gpu: GPU, call: Call): Promise<GPUAdapter | null> {
  return call(() => gpu.requestAdapter({ powerPreference: "high-performance" }));
}

function createInstance(dawn: Dawn, options: string[]): GPU {
  const gpu = dawn.create(options);
  keptAlive.push(gpu);
  return gpu;
}

function foundAdapter(gpu: GPU, adapter: GPUAdapter, name: string): FoundAdapter {
  const software = isSoftware(adapter);
  return { gpu, adapter, name, software, description: software ? `${name} — software` : name };
}

/** What `--adapter` is looked for in. */
function searchText({ name, adapter: { info }, software }: FoundAdapter): string {
  const { vendor, architecture, device, description } = info;
  return [name, vendor, architecture, device, description, software ? "software" : ""]
    .join("\n")
    .toLowerCase();
}

/** What is missing and what to install. */
function nothingFound(hasLoader: boolean): string {
  if (process.platform !== "linux") {
    return "No WebGPU adapter was found. Update the graphics driver, or train without one: `--backend cpu`.";
  }
  const missing = hasLoader ? "driver that WebGPU accepts" : "loader (libvulkan.so.1)";
  const reasons = hasLoader ? " --debug shows what drivers say." : "";
  const software =
    process.arch === "x64" ? `, or \`${installCommand(swiftshaderSpec)}\` for a software adapter` : "";
  return (
    `No WebGPU adapter was found: the system has no Vulkan ${missing}. Install the GPU's Vulkan driver or a ` +
    `recent Mesa (mesa-vulkan-drivers)${software}; \`--backend cpu\` trains without one.${reasons}`
  );
}

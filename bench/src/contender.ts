import type { Dataset, Split } from "../../src/data/dataset.ts";
import type { KernelForm } from "../../src/kernels/form.ts";
import type { FoundAdapter } from "../../src/node/adapter.ts";
import type { HostData } from "./host-data.ts";
import { missingInPython } from "./missing.ts";
import type { Workload } from "./workload.ts";

/** A mini-batch: position in the order of its first sample; every one has the workload's batch size. */
export type BatchStart = number;

/** Whatever trains the workload's network, in a process of its own. */
export interface Contender {
  /** What computes, in words. */
  readonly device: string;
  /** Sets the order in which the training images are visited. */
  setOrder(order: Uint32Array): void | Promise<void>;
  /**
   * Trains one step on each mini-batch and resolves when all are done.
   * @param expectedMs how long that is expected to take; 0 if it is not known
   */
  train(batches: readonly BatchStart[], expectedMs: number): Promise<Trained>;
  /** How many images of `split` are classified rightly, from bytes in the host's memory to classes there. */
  countCorrect(split: Split): Promise<number>;
  /** Resident memory in bytes of the process that computes, where that is another one than this. */
  residentBytes?(): Promise<number | undefined>;
  destroy(): void;
}

export interface Trained {
  /** Mean loss of the last mini-batch, before its update. */
  readonly loss: number;
  /** Milliseconds in the calls that hand over the steps, waiting not counted. */
  readonly hostMs: number;
}

export interface ContenderOptions {
  readonly workload: Workload;
  readonly dataset: Dataset;
  /** The training images as the peers take them. */
  readonly host?: HostData;
  /** What `navigator.gpu` of a page would be; absent for a contender that computes on the CPU. */
  readonly adapter?: FoundAdapter;
  /** The form of our kernels, for ours alone. */
  readonly kernels?: KernelForm;
}

interface ContenderModule {
  /** @param device which of the module's devices to use */
  create(options: ContenderOptions, device: string): Promise<Contender>;
}

export interface ContenderFacts {
  readonly title: string;
  /** Whether it computes on the WebGPU adapter. */
  readonly gpu: boolean;
  readonly device: string;
  /** Whether it takes the training images as floats: they are made before the clock starts. */
  readonly floats?: boolean;
  load(): Promise<ContenderModule>;
  /** What it needs and this machine has not, in words. */
  missing?(): string | undefined;
}

// The packages of the peers are installed for the benchmark alone: their modules are reached through this list, so
// that everything else is type-checked without them.
const peers = import.meta.glob<ContenderModule>("./peers/*.ts");
const jax = () => peers["./peers/jax.ts"]();
const tfjs = () => peers["./peers/tfjs.ts"]();
const python = () => import("./python.ts");
const numpyMissing = () => missingInPython("import numpy");
const torchMissing = () =>
  missingInPython("import numpy, torch\nassert torch.cuda.is_available(), 'PyTorch finds no CUDA device'");

/** Everybody who competes, in the order of the table; ours comes first. */
export const contenders = {
  ours: { title: "mnist-webgpu", gpu: true, device: "webgpu", load: () => import("./ours.ts") },
  "jax-webgpu": { title: "jax-js webgpu", gpu: true, device: "webgpu", floats: true, load: jax },
  "tfjs-webgpu": { title: "tfjs webgpu", gpu: true, device: "webgpu", floats: true, load: tfjs },
  "jax-wasm": { title: "jax-js wasm", gpu: false, device: "wasm", floats: true, load: jax },
  "tfjs-wasm": { title: "tfjs wasm", gpu: false, device: "wasm", floats: true, load: tfjs },
  numpy: { title: "numpy", gpu: false, device: "numpy", load: python, missing: numpyMissing },
  "torch-eager": {
    title: "PyTorch CUDA, eager",
    gpu: false,
    device: "torch-eager",
    load: python,
    missing: torchMissing,
  },
  "torch-graphs": {
    title: "PyTorch CUDA, graphs",
    gpu: false,
    device: "torch-graphs",
    load: python,
    missing: torchMissing,
  },
  reference: { title: "our CPU reference", gpu: false, device: "cpu", load: () => import("./reference.ts") },
} as const satisfies Record<string, ContenderFacts>;

export type ContenderName = keyof typeof contenders;

export const contenderNames = Object.keys(contenders) as ContenderName[];

import type { Contender, ContenderOptions } from "./contender.ts";
import { missingInPython } from "./missing.ts";

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

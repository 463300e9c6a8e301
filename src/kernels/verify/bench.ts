import { type RandomStream, randomStream } from "../../data/random.ts";
import type { Gpu } from "../../gpu/gpu.ts";
import { Memory } from "../../gpu/memory.ts";
import { encodeReadback } from "../../gpu/readback.ts";
import type { Parameters } from "../../model/parameters.ts";
import { type LayerLayout, packParameters, parameterLayout, vectors, vectorWidth } from "../lib/layout.ts";
import { type KernelCall, KernelLibrary } from "../lib/library.ts";
import { StepBuffer, type StepUniform } from "../lib/steps.ts";

/** Runs single kernels on given data. Outputs start as garbage, so that what a kernel fails to write shows. */
export class KernelBench {
  readonly memory: Memory;
  readonly library: KernelLibrary;
  readonly steps: StepBuffer;
  readonly #gpu: Gpu;

  constructor(gpu: Gpu) {
    this.#gpu = gpu;
    this.memory = new Memory(gpu.device);
    this.library = new KernelLibrary(gpu);
    this.steps = new StepBuffer(this.memory, this.library, 16);
  }

  /** A buffer with a copy of `data`. */
  upload(label: string, data: Float32Array | Uint32Array | Uint8Array): GPUBuffer {
    const buffer = this.memory.storage(label, data.byteLength);
    const padded = new Uint8Array(Math.ceil(data.byteLength / 4) * 4);
    padded.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
    // Deno dies of writing nothing.
    if (padded.length > 0) this.#gpu.device.queue.writeBuffer(buffer, 0, padded);
    return buffer;
  }

  /** A matrix `[rows, columns]` with rows padded to whole vectors, as kernels pass them on. */
  uploadRows(label: string, data: Float32Array, columns: number): GPUBuffer {
    return this.upload(label, padRows(data, columns));
  }

  /** Room for `[rows, columns]`, padded, full of NaN. */
  outputRows(label: string, rows: number, columns: number): GPUBuffer {
    return this.output(label, rows * vectors(columns) * vectorWidth);
  }

  /** Room for `count` numbers, all NaN. */
  output(label: string, count: number): GPUBuffer {
    return this.upload(label, new Float32Array(count).fill(Number.NaN));
  }

  /** The parameters of one layer behind another in a buffer, as the kernels find them. */
  uploadLayer(weight: Float32Array, bias: Float32Array, inputs: number, outputs: number) {
    const { layout, parameters } = this.uploadLayers([{ inputs, outputs, weight, bias }]);
    return { layout, layer: layout.layers[1] as LayerLayout, parameters };
  }

  /** The parameters of successive layers behind one that no kernel is to touch. */
  uploadLayers(layers: Parameters) {
    const [{ inputs }] = layers;
    const before = {
      inputs: 3,
      outputs: inputs,
      weight: new Float32Array(3 * inputs),
      bias: new Float32Array(inputs),
    };
    const layout = parameterLayout([3, inputs, ...layers.map(({ outputs }) => outputs)]);
    return { layout, parameters: this.upload("parameters", packParameters(layout, [before, ...layers])) };
  }

  /** Runs `call` as a step and reads `output`. */
  async run(call: KernelCall, step: StepUniform, output: GPUBuffer): Promise<ArrayBuffer> {
    const [result] = await this.runSteps([call], [step], 0, [output]);
    return result;
  }

  /** Runs `calls` once, as entry `index` of `steps`, and reads `outputs`. */
  async runSteps(
    calls: readonly KernelCall[],
    steps: readonly StepUniform[],
    index: number,
    outputs: readonly GPUBuffer[],
  ): Promise<ArrayBuffer[]> {
    const mapped = calls.map((call) => this.library.mapOver(this.memory, [call]));
    await this.library.compile(mapped);
    const dispatches = mapped.map((call) => this.library.bind(call));
    const commands = steps.map((step, at) => ({ step, dispatches: at === index ? dispatches : [] }));
    const readbacks = this.steps.submit(commands, (encoder) =>
      outputs.map((output) => encodeReadback(this.memory, encoder, output)),
    );
    return this.#gpu.guard(Promise.all(readbacks.map((readback) => readback.read())));
  }

  destroy(): void {
    this.memory.destroy();
  }
}

/** `[rows, columns]` -> rows padded with zeros to whole vectors. */
export function padRows(data: Float32Array, columns: number): Float32Array {
  const stride = vectors(columns) * vectorWidth;
  const rows = data.length / columns;
  const padded = new Float32Array(rows * stride);
  for (let row = 0; row < rows; row++) {
    padded.set(data.subarray(row * columns, (row + 1) * columns), row * stride);
  }
  return padded;
}

/** Random test data: seeded, never all alike. */
export class TestData {
  readonly #random: RandomStream;

  constructor(seed: number) {
    this.#random = randomStream(seed, "verification");
  }

  /** Normal numbers of standard deviation `scale`. */
  normal(count: number, scale = 1): Float32Array {
    return Float32Array.from({ length: count }, () => scale * this.#random.normal());
  }

  /** Numbers in (0, 1), like the output of a sigmoid. */
  unit(count: number): Float32Array {
    return Float32Array.from({ length: count }, () => this.#random.uniform());
  }

  integers(count: number, below: number): Uint32Array {
    return Uint32Array.from({ length: count }, () => this.#random.integer(below));
  }

  bytes(count: number): Uint8Array {
    return Uint8Array.from({ length: count }, () => this.#random.integer(256));
  }
}

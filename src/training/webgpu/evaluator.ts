import { type Batch, batchesOf, upTo } from "../../data/batches.ts";
import type { Split } from "../../data/dataset.ts";
import type { Dispatch } from "../../gpu/kernel.ts";
import { encodeReadbackOfEach } from "../../gpu/readback.ts";
import type { Layer } from "../../kernels/layer.ts";
import { rowBytes } from "../../kernels/lib/layout.ts";
import type { KernelCall } from "../../kernels/lib/library.ts";
import type { StepBuffer } from "../../kernels/lib/steps.ts";
import { readMetrics, sampleMetricsBytes, softmax, softmaxCrossEntropy } from "../../kernels/loss.ts";
import { keptSplits, type Predictions } from "../engine/engine.ts";
import { countImages } from "../engine/engine-checks.ts";
import { allocateLayers, forwardPass, type Network, placeLayers } from "./network.ts";
import { largestSampleBytes } from "./plan.ts";
import { fitsResident, residentSamples, type Samples, sampleWindow, streamedSamples } from "./samples.ts";

/** The most images of one submission, and the most bytes, fewer than any device binds, that any layer's output may take for them. */
const mostImages = 1024;
const mostBytes = 64 << 20;

interface EvaluationPlan {
  readonly samples: Samples;
  readonly sampleMetrics: GPUBuffer;
  readonly commands: readonly Dispatch[];
  /** All that it has, to be freed. */
  readonly buffers: readonly GPUBuffer[];
}

/** Runs networks forward without training them, in batches of its own size. Everything lives in the networks' memory. */
export class Evaluator {
  /** What must be compiled before anything is evaluated or predicted: the same for every split. */
  readonly calls: readonly KernelCall[];
  readonly #network: Network;
  readonly #steps: StepBuffer;
  readonly #batch: number;
  readonly #layers: readonly Layer[];
  /** Where the loss leaves a gradient that nobody follows. */
  readonly #gradient: GPUBuffer;
  readonly #window: ReturnType<typeof sampleWindow>;
  readonly #probabilities: GPUBuffer;
  readonly #prediction: readonly KernelCall[];
  readonly #evaluations = new Map<Split, EvaluationPlan>();

  constructor(network: Network, steps: StepBuffer) {
    const { memory, layout, forms, placeImages } = network;
    const fitting = Math.floor(mostBytes / largestSampleBytes(layout, forms, mostImages));
    this.#network = network;
    this.#steps = steps;
    this.#batch = Math.max(1, Math.min(mostImages, fitting));
    this.#window = sampleWindow(memory, "predicted", layout.layers[0].inputs, this.#batch, placeImages);
    const room = allocateLayers(network, "evaluation", this.#batch);
    this.#layers = placeLayers(network, room, this.#window.input);
    const { outputs } = this.#output.layout;
    this.#gradient = memory.storageOfEach("gradient, evaluation", this.#batch * rowBytes(outputs));
    this.#probabilities = memory.storageOfEach("probabilities", this.#batch * this.#probabilityBytes);
    const sampleMetrics = memory.storageOfEach("metrics of predictions", this.#batch * sampleMetricsBytes);
    this.#prediction = [...forwardPass(this.#layers), softmax(this.#output, this.#probabilities)].map(
      (call) => this.#ofEach(call),
    );
    this.calls = [...this.#prediction, ...this.#evaluationCalls(this.#window, sampleMetrics)];
  }

  /** The commands by which images are predicted and evaluated: every kernel that it uses is among them. */
  get commands(): Dispatch[] {
    return this.calls.map((call) => this.#network.library.bind(call));
  }

  /** Of each network, loss and predicted class of every image of `split`. */
  async evaluate(split: Split): Promise<Predictions[]> {
    const { samples, sampleMetrics, commands } = this.#planOf(split);
    const readbacks = batchesOf(split.count, this.#batch).map(({ first, size }) => {
      const at = first - samples.stage([{ first, size }]);
      return this.#run(commands, { first: at, size }, sampleMetrics, sampleMetricsBytes);
    });
    const parts = await Promise.all(readbacks);
    return this.#eachOf((network) =>
      predictionsOf(
        parts.map((part) => part[network]),
        split.count,
      ),
    );
  }

  /** Of each network, probabilities `[count, classes]` of `images` `[count, inputs]`. */
  async predict(images: Uint8Array): Promise<Float32Array[]> {
    const { inputs } = this.#network.layout.layers[0];
    const count = countImages(images, inputs);
    const commands = this.#prediction.map((call) => this.#network.library.bind(call));
    const rowBytes = this.#probabilityBytes;
    const readbacks = batchesOf(count, this.#batch).map(({ first, size }) => {
      this.#window.upload(images.subarray(first * inputs), upTo(size), [{ first: 0, size }]);
      return this.#run(commands, { first: 0, size }, this.#probabilities, rowBytes);
    });
    const parts = await Promise.all(readbacks);
    return this.#eachOf((network) => {
      const probabilities = new Uint8Array(count * rowBytes);
      parts.forEach((part, index) => {
        probabilities.set(new Uint8Array(part[network]), index * this.#batch * rowBytes);
      });
      return new Float32Array(probabilities.buffer);
    });
  }

  #eachOf<T>(of: (network: number) => T): T[] {
    return Array.from({ length: this.#network.memory.networks }, (_, network) => of(network));
  }

  /** What `call` computes, for each network. */
  #ofEach(call: KernelCall): KernelCall {
    const { library, memory } = this.#network;
    return library.mapOver(
      memory,
      this.#eachOf(() => call),
    );
  }

  /** The layer that puts out the logits. */
  get #output(): Layer {
    return this.#layers[this.#layers.length - 1];
  }

  /** Bytes of one image's probabilities. */
  get #probabilityBytes(): number {
    return this.#output.layout.outputs * Float32Array.BYTES_PER_ELEMENT;
  }

  /** Submits one batch and the copies of what each network left in its rows of `result`. */
  #run(
    commands: readonly Dispatch[],
    batch: Batch,
    result: GPUBuffer,
    rowBytes: number,
  ): Promise<ArrayBuffer[]> {
    const { memory } = this.#network;
    const { first, size } = batch;
    const readback = this.#steps.submit([{ step: batch, dispatches: commands }], (encoder) =>
      encodeReadbackOfEach(memory, encoder, result, first * rowBytes, size * rowBytes),
    );
    return readback.read();
  }

  #planOf(split: Split): EvaluationPlan {
    const known = this.#evaluations.get(split);
    const [oldest] = this.#evaluations.keys();
    if (!known && this.#evaluations.size === keptSplits) this.#forget(oldest);
    const plan = known ?? this.#place(split);
    // The last one of them now.
    this.#evaluations.delete(split);
    this.#evaluations.set(split, plan);
    return plan;
  }

  #place(split: Split): EvaluationPlan {
    const { made, buffers } = this.#network.memory.allocatedBy(() => this.#allocate(split));
    return { ...made, buffers };
  }

  #allocate(split: Split): Omit<EvaluationPlan, "buffers"> {
    const { memory, library, placeImages } = this.#network;
    const span = Math.min(this.#batch, split.count);
    const place = fitsResident(memory.device.limits, split) ? residentSamples : streamedSamples;
    const samples = place(memory, "evaluated", split, span, placeImages);
    const sampleMetrics = memory.storageOfEach("metrics of evaluated samples", span * sampleMetricsBytes);
    const commands = this.#evaluationCalls(samples, sampleMetrics).map((call) => library.bind(call));
    return { samples, sampleMetrics, commands };
  }

  /** Frees what was kept of a split. Evaluations of it that are under way were submitted as a whole. */
  #forget(split: Split): void {
    for (const buffer of this.#evaluations.get(split)?.buffers ?? []) this.#network.memory.free(buffer);
    this.#evaluations.delete(split);
  }

  #evaluationCalls(
    samples: Pick<Samples, "input" | "order" | "labels">,
    sampleMetrics: GPUBuffer,
  ): KernelCall[] {
    const [first, ...others] = this.#layers;
    const { input, order, labels } = samples;
    const loss = { order, labels, sampleMetrics, labelSmoothing: 0 };
    return [
      ...forwardPass([{ ...first, input }, ...others]),
      softmaxCrossEntropy(this.#output, this.#gradient, loss),
    ].map((call) => this.#ofEach(call));
  }
}

/** Puts the slots of `sample_metrics`, read part by part, together; the sum is in the images' order, in float64. */
function predictionsOf(parts: readonly ArrayBuffer[], count: number): Predictions {
  const classes = new Uint16Array(count);
  const losses = new Float32Array(count);
  let image = 0;
  for (const part of parts) {
    const { floats, integers } = readMetrics(part);
    losses.set(floats, image);
    classes.set(integers, image);
    image += floats.length;
  }
  const sum = losses.reduce((before, loss) => before + loss, 0);
  return { loss: sum / count, classes, losses };
}

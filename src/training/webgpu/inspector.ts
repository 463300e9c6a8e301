import { upTo } from "../../data/batches.ts";
import { checkSize, type Memory } from "../../gpu/memory.ts";
import { encodeReadback } from "../../gpu/readback.ts";
import { floats } from "../../kernels/lib/input.ts";
import {
  imageBytes,
  type ParameterLayout,
  packParameters,
  parameterLayout,
  rowBytes,
  unpackParameters,
} from "../../kernels/lib/layout.ts";
import type { KernelCall, KernelLibrary } from "../../kernels/lib/library.ts";
import { StepBuffer } from "../../kernels/lib/steps.ts";
import { readMetrics, sampleMetricsBytes, softmax, softmaxCrossEntropy } from "../../kernels/loss.ts";
import { backward, forward, type SimpleLayer, weightGradient } from "../../kernels/portable.ts";
import type { Parameters, Sizes } from "../../model/parameters.ts";
import type { Inspection, InspectOptions, LayerInside, LossAndGradients } from "../../reference/inspect.ts";
import { allocateRoom, buffersOf, type InspectionRoom, readRows } from "./inspection-room.ts";

/**
 * Looks into a network on the GPU: all that a training step computes on its way to the update, by the portable kernels, in
 * memory of its own, so that training never notices. What it needs is compiled and allocated when it is first used.
 */
export class Inspector {
  readonly #library: KernelLibrary;
  readonly #memory: Memory;
  readonly #layout: ParameterLayout;
  readonly #options: InspectOptions;
  #held:
    | { readonly parameters: GPUBuffer; readonly gradients: GPUBuffer; readonly steps: StepBuffer }
    | undefined;
  #room: InspectionRoom | undefined;
  /** One at a time: the next one overwrites the buffers of the one before. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(library: KernelLibrary, memory: Memory, sizes: Sizes, options: InspectOptions) {
    this.#library = library;
    this.#memory = memory;
    this.#layout = parameterLayout(sizes);
    this.#options = options;
  }

  /** The inside of a network of `parameters`; as `inspect` of the reference. */
  inspect(
    parameters: Promise<Parameters>,
    images: Uint8Array,
    labels: Uint8Array | undefined,
  ): Promise<Inspection> {
    const [input, classes] = [images.slice(), labels?.slice()];
    // Whoever asked hears of it below; until their turn comes nobody listens.
    parameters.catch(() => {});
    const result = this.#turn.then(async () => this.#inspect(await parameters, input, classes));
    this.#turn = result.catch(() => {});
    return result;
  }

  async #inspect(parameters: Parameters, images: Uint8Array, labels?: Uint8Array): Promise<Inspection> {
    const { inputs } = this.#layout.layers[0];
    const count = images.length / inputs;
    const held = this.#hold();
    const room = this.#roomFor(count);
    const calls = [...this.#forward(room), ...(labels ? this.#back(room) : [])];
    await this.#library.compile(calls);
    this.#memory.check();
    const { queue } = this.#memory.device;
    queue.writeBuffer(held.parameters, 0, packParameters(this.#layout, parameters));
    room.images.write(0, images, upTo(count));
    queue.writeBuffer(room.labels, 0, Uint32Array.from(labels ?? new Uint8Array(count)));
    const step = { first: 0, size: count };
    const dispatches = calls.map((call) => this.#library.bind(call));
    const reads = held.steps.submit([{ step, dispatches }], (encoder) => ({
      forward: this.#readForward(encoder, room, count),
      backward: labels && this.#readBackward(encoder, room, count),
    }));
    const [layers, backward] = await Promise.all([reads.forward(), reads.backward?.()]);
    const input = Float32Array.from(images, (byte) => byte / 255);
    return { parameters, input, layers, ...(backward && { backward }) };
  }

  #hold() {
    const { bytes } = this.#layout;
    this.#held ??= {
      parameters: this.#memory.storage("inspected parameters", bytes),
      gradients: this.#memory.storage("inspected gradients", bytes),
      steps: new StepBuffer(this.#memory, this.#library, 1),
    };
    return this.#held;
  }

  #roomFor(count: number): InspectionRoom {
    if (this.#room && this.#room.capacity >= count) return this.#room;
    const { layers } = this.#layout;
    const largest = Math.max(imageBytes(layers[0].inputs), ...layers.map(({ outputs }) => rowBytes(outputs)));
    const remedy = "Look into fewer images at a time.";
    checkSize(this.#memory.device.limits, `The inside of ${count} images`, count * largest, { remedy });
    if (this.#room) for (const buffer of buffersOf(this.#room)) this.#memory.free(buffer);
    this.#room = allocateRoom(this.#memory, this.#layout, count);
    return this.#room;
  }

  /** The layers as they put out their weighted sums. */
  #layers(room: InspectionRoom): SimpleLayer[] {
    const { parameters } = this.#hold();
    return this.#layout.layers.map((layout, index) => ({
      layout,
      batch: room.capacity,
      parameters,
      input: index === 0 ? room.images.input : floats(room.A[index - 1]),
      does: { activation: "identity" },
      outputs: room.Z[index],
    }));
  }

  /** X -> Z and A of every layer, and activation derivatives where dZ is going to be. */
  #forward(room: InspectionRoom): KernelCall[] {
    const layers = this.#layers(room);
    const { activation } = this.#options;
    const output = layers[layers.length - 1];
    const passes = layers.flatMap((layer, index) => {
      if (layer === output) return [layer];
      const training = { layer: index, dropout: 0, derivatives: room.dZ[index] };
      return [layer, { ...layer, does: { activation, training }, outputs: room.A[index] }];
    });
    return [...passes.map(forward), softmax(output, room.probabilities)];
  }

  /** Logits and labels -> losses, dZ, dW and db of every layer. */
  #back(room: InspectionRoom): KernelCall[] {
    const layers = this.#layers(room);
    const { gradients } = this.#hold();
    const { order, labels, sampleMetrics, dZ } = room;
    const last = layers.length - 1;
    const { labelSmoothing } = this.#options;
    const loss = { order, labels, sampleMetrics, labelSmoothing };
    const back = layers
      .slice(1)
      .map((layer, before) => backward({ ...layer, gradient: dZ[before + 1] }, dZ[before]));
    return [
      softmaxCrossEntropy(layers[last], dZ[last], loss),
      ...back.reverse(),
      ...layers.map(({ layout, input }, index) =>
        weightGradient(layout, input, { gradient: dZ[index], gradients }),
      ),
    ];
  }

  #readForward(
    encoder: GPUCommandEncoder,
    room: InspectionRoom,
    count: number,
  ): () => Promise<LayerInside[]> {
    const { layers } = this.#layout;
    const last = layers.length - 1;
    const sums = layers.map(({ outputs }, index) =>
      readRows(this.#memory, encoder, room.Z[index], count, outputs),
    );
    const activations = layers
      .slice(0, last)
      .map(({ outputs }, index) => readRows(this.#memory, encoder, room.A[index], count, outputs));
    const bytes = count * layers[last].outputs * 4;
    const probabilities = encodeReadback(this.#memory, encoder, room.probabilities, 0, bytes);
    return async () => {
      const A = await Promise.all([
        ...activations.map((read) => read()),
        probabilities.read().then((data) => new Float32Array(data)),
      ]);
      const Z = await Promise.all(sums.map((read) => read()));
      return Z.map((values, index) => ({ Z: values, A: A[index] }));
    };
  }

  #readBackward(
    encoder: GPUCommandEncoder,
    room: InspectionRoom,
    count: number,
  ): () => Promise<LossAndGradients> {
    const { layers } = this.#layout;
    const rows = layers.map(({ outputs }, index) =>
      readRows(this.#memory, encoder, room.dZ[index], count, outputs),
    );
    const packed = encodeReadback(this.#memory, encoder, this.#hold().gradients);
    const bytes = count * sampleMetricsBytes;
    const metrics = encodeReadback(this.#memory, encoder, room.sampleMetrics, 0, bytes);
    return async () => {
      const dZ = await Promise.all(rows.map((read) => read()));
      const gradients = unpackParameters(this.#layout, new Float32Array(await packed.read()));
      return {
        losses: readMetrics(await metrics.read()).floats,
        layers: gradients.map(({ weight, bias }, index) => ({ dZ: dZ[index], dW: weight, db: bias })),
      };
    };
  }
}

import type { Memory } from "../gpu/memory.ts";
import { encodeReadback } from "../gpu/readback.ts";
import { backward } from "../kernels/backward.ts";
import { forward } from "../kernels/forward.ts";
import type { LayerInput } from "../kernels/input.ts";
import {
  type ParameterLayout,
  packParameters,
  parameterLayout,
  unpackParameters,
} from "../kernels/layout.ts";
import type { KernelCall, KernelLibrary } from "../kernels/library.ts";
import { softmax } from "../kernels/softmax.ts";
import { sampleMetricsBytes, softmaxCrossEntropy } from "../kernels/softmax-cross-entropy.ts";
import { StepBuffer } from "../kernels/steps.ts";
import { weightGradient } from "../kernels/update.ts";
import type { Parameters, Sizes } from "../model/parameters.ts";
import type { Inspection, InspectOptions, LayerInside, Lesson } from "../reference/inspect.ts";
import { allocateRoom, buffersOf, type InspectionRoom, lossesIn, readRows } from "./inspection-room.ts";
import { upTo } from "./samples.ts";

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
    const { queue } = this.#memory.device;
    queue.writeBuffer(held.parameters, 0, packParameters(this.#layout, parameters));
    room.images.write(0, images, upTo(count));
    queue.writeBuffer(room.labels, 0, Uint32Array.from(labels ?? new Uint8Array(count)));
    held.steps.write([{ first: 0, size: count }]);
    const encoder = this.#memory.device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    held.steps.encode(
      pass,
      0,
      calls.map((call) => this.#library.bind(call)),
    );
    pass.end();
    const forwardRead = this.#readForward(encoder, room, count);
    const lessonRead = labels && this.#readLesson(encoder, room, count);
    queue.submit([encoder.finish()]);
    const [layers, lesson] = await Promise.all([forwardRead(), lessonRead?.()]);
    return { parameters, layers, ...(lesson && { lesson }) };
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
    if (this.#room) for (const buffer of buffersOf(this.#room)) this.#memory.free(buffer);
    this.#room = allocateRoom(this.#memory, this.#layout, count);
    return this.#room;
  }

  /** X -> Z and A of every layer, and activation derivatives where dZ is going to be. */
  #forward(room: InspectionRoom): KernelCall[] {
    const { layers } = this.#layout;
    const { activation } = this.#options;
    const { parameters } = this.#hold();
    const last = layers.length - 1;
    return [
      ...layers.flatMap((layer, index) => {
        const input = this.#inputOf(room, index);
        const sums = forward(layer, { activation: "identity" }, room.capacity, input, {
          parameters,
          outputs: room.Z[index],
        });
        if (index === last) return [sums];
        const training = { layer: index, dropout: 0, derivatives: room.dZ[index] };
        return [
          sums,
          forward(layer, { activation, training }, room.capacity, input, {
            parameters,
            outputs: room.A[index],
          }),
        ];
      }),
      softmax(layers[last].outputs, room.capacity, {
        logits: room.Z[last],
        probabilities: room.probabilities,
      }),
    ];
  }

  /** Logits and labels -> losses, dZ, dW and db of every layer. */
  #back(room: InspectionRoom): KernelCall[] {
    const { layers } = this.#layout;
    const { parameters, gradients } = this.#hold();
    const last = layers.length - 1;
    const { order, labels, sampleMetrics, dZ } = room;
    return [
      softmaxCrossEntropy(layers[last].outputs, room.capacity, this.#options.labelSmoothing, {
        ...{ logits: room.Z[last], order, labels },
        ...{ gradient: dZ[last], sample_metrics: sampleMetrics },
      }),
      ...layers
        .slice(1)
        .map((layer, index) =>
          backward(layer, room.capacity, {
            gradient: dZ[index + 1],
            parameters,
            previous_gradient: dZ[index],
          }),
        )
        .reverse(),
      ...layers.map((layer, index) =>
        weightGradient(layer, this.#inputOf(room, index), { gradient: dZ[index], gradients }),
      ),
    ];
  }

  #inputOf({ images, order, A }: InspectionRoom, index: number): LayerInput {
    if (index > 0) return { kind: "floats", inputs: A[index - 1] };
    return { kind: "bytes", images: images.buffer, order };
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

  #readLesson(encoder: GPUCommandEncoder, room: InspectionRoom, count: number): () => Promise<Lesson> {
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
        losses: lossesIn(await metrics.read()),
        layers: gradients.map(({ weight, bias }, index) => ({ dZ: dZ[index], dW: weight, db: bias })),
      };
    };
  }
}

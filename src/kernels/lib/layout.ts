import type { Parameters, Sizes } from "../../model/parameters.ts";

/** Numbers in a vector: every row in GPU memory is padded with zeros to a multiple of it. */
export const vectorWidth = 4;

/** Whole vectors that hold `count` numbers. */
export function vectors(count: number): number {
  return Math.ceil(count / vectorWidth);
}

/** Bytes of a vector of numbers. */
export const vectorBytes = vectorWidth * Float32Array.BYTES_PER_ELEMENT;

/** Bytes of a row of `count` numbers, padded to whole vectors. */
export function rowBytes(count: number): number {
  return vectors(count) * vectorBytes;
}

/** Bytes of an image of `pixels`, padded to whole vectors, each pixel a byte. */
export function imageBytes(pixels: number): number {
  return vectors(pixels) * vectorWidth;
}

/** Where one layer's parameters lie in the buffer of all of them; `parameters.wgsl` says how. */
export interface LayerLayout {
  readonly inputs: number;
  readonly outputs: number;
  readonly inputVectors: number;
  readonly outputVectors: number;
  /** First vector of the layer. */
  readonly offset: number;
}

/** The layout of a whole network's parameters on the GPU. */
export interface ParameterLayout {
  readonly layers: readonly LayerLayout[];
  /** Size of the buffer. */
  readonly bytes: number;
}

export function parameterLayout(sizes: Sizes): ParameterLayout {
  let offset = 0;
  const layers = sizes.slice(1).map((outputs, index) => {
    const inputs = sizes[index];
    const layer = { inputs, outputs, inputVectors: vectors(inputs), outputVectors: vectors(outputs), offset };
    offset += layer.outputVectors * vectorWidth * rowVectors(layer);
    return layer;
  });
  return { layers, bytes: offset * vectorBytes };
}

/** The constants by which `parameters.wgsl` finds a layer's parameters. */
export function layerConstants({ inputVectors, outputVectors, offset }: LayerLayout) {
  return { INPUT_VECTORS: inputVectors, OUTPUT_VECTORS: outputVectors, LAYER_OFFSET: offset };
}

/** Vectors in one neuron's row: its weights and one vector for its bias. */
export function rowVectors(layer: Pick<LayerLayout, "inputVectors">): number {
  return layer.inputVectors + 1;
}

/** `parameters` as the GPU holds them. */
export function packParameters(layout: ParameterLayout, parameters: Parameters): Float32Array<ArrayBuffer> {
  const packed = new Float32Array(layout.bytes / Float32Array.BYTES_PER_ELEMENT);
  forEachRow(layout, (layer, neuron, row, biasAt) => {
    const { inputs, weight, bias } = parameters[layer];
    packed.set(weight.subarray(neuron * inputs, (neuron + 1) * inputs), row);
    packed[biasAt] = bias[neuron];
  });
  return packed;
}

/** The inverse of `packParameters`. */
export function unpackParameters(layout: ParameterLayout, packed: Float32Array): Parameters {
  const parameters = layout.layers.map(({ inputs, outputs }) => ({
    inputs,
    outputs,
    weight: new Float32Array(outputs * inputs),
    bias: new Float32Array(outputs),
  }));
  forEachRow(layout, (layer, neuron, row, biasAt) => {
    const { inputs, weight, bias } = parameters[layer];
    weight.set(packed.subarray(row, row + inputs), neuron * inputs);
    bias[neuron] = packed[biasAt];
  });
  return parameters;
}

/** Calls `visit` with the places of each neuron's weights and bias, counted in numbers from the buffer's start. */
function forEachRow(
  layout: ParameterLayout,
  visit: (layer: number, neuron: number, row: number, biasAt: number) => void,
): void {
  layout.layers.forEach((layer, index) => {
    for (let neuron = 0; neuron < layer.outputs; neuron++) {
      const row = (layer.offset + neuron * rowVectors(layer)) * vectorWidth;
      visit(index, neuron, row, row + layer.inputVectors * vectorWidth);
    }
  });
}

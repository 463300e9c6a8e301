/** Either precision: float32 is what the GPU holds and files store, float64 what the reference computes with. */
export type FloatArray = Float32Array | Float64Array;

/** The weight and bias of one fully connected layer. */
export interface LayerParameters {
  readonly inputs: number;
  readonly outputs: number;
  /** `[outputs, inputs]`, row-major, as PyTorch's `nn.Linear` stores it. */
  readonly weight: FloatArray;
  /** `[outputs]`. */
  readonly bias: FloatArray;
}

/** All parameters of a network, first layer first. */
export type Parameters = readonly LayerParameters[];

/** What training remembers beside the parameters, number by number, in their shapes: optimizer state and average. */
export type Slot = "momentum" | "secondMoment" | "average";
export type Slots = Readonly<Partial<Record<Slot, Parameters>>>;

/** Everything that training steps change: whoever keeps it can go on with the very same numbers. */
export interface TrainingState {
  readonly parameters: Parameters;
  readonly slots: Slots;
}

/**
 * Widths of all layers, input and output included: `[784, 10, 10]` is the article's network.
 * A network without hidden layer is `[inputs, classes]`.
 */
export type Sizes = readonly number[];

/** The widths that `parameters` belong to. */
export function sizesOf(parameters: Parameters): number[] {
  return [parameters[0].inputs, ...parameters.map((layer) => layer.outputs)];
}

/** `784-10-10`: how a network is written in prose and in file names. */
export function networkName(sizes: Sizes): string {
  return sizes.join("-");
}

/** The number of weights and biases of a network. */
export function parameterCount(sizes: Sizes): number {
  return sizes.slice(1).reduce((sum, outputs, layer) => sum + outputs * (sizes[layer] + 1), 0);
}

/** Whether float32, which networks are kept and computed in, has a finite number for `value`. */
export function isFloat32(value: number): boolean {
  return Number.isFinite(Math.fround(value));
}

/** Whether every weight and bias is a number that can be kept. */
export function allFinite(parameters: Parameters): boolean {
  return parameters.every(({ weight, bias }) => weight.every(isFloat32) && bias.every(isFloat32));
}

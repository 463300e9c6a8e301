/** One fully connected layer over one mini-batch. */
export interface LayerShape {
  /** Samples in the mini-batch. */
  readonly batch: number;
  /** Width of the layer's input. */
  readonly inputs: number;
  /** Number of neurons, the width of the layer's output. */
  readonly outputs: number;
}

/** The output of a network over one mini-batch. */
export interface OutputShape {
  /** Samples in the mini-batch. */
  readonly batch: number;
  readonly classes: number;
}

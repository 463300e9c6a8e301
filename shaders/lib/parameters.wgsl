// How one layer's weights and biases lie in memory: a matrix of rows, one a neuron, four numbers a vector. A row holds
// the neuron's weights, padded with zeros to whole vectors, and then a vector (bias, 0, 0, 0): the bias is the weight
// of one more input that is always 1. Rows are padded with zero rows to a multiple of four neurons.
override INPUT_VECTORS: u32;    // ceil(inputs / 4)
override OUTPUT_VECTORS: u32;   // ceil(outputs / 4)
override LAYER_OFFSET: u32;     // first vector of the layer in the buffer of all parameters
const BIAS_INPUT = vec4f(1, 0, 0, 0);

// Where neuron `neuron`'s row starts.
fn weight_row(neuron: u32) -> u32 { return LAYER_OFFSET + neuron * (INPUT_VECTORS + 1); }

fn bias(neuron: u32) -> f32 { return parameters[weight_row(neuron) + INPUT_VECTORS].x; }

// The biases of 4 neurons.
fn biases(neurons: u32) -> vec4f {
  let first = neurons * 4;
  return vec4f(bias(first), bias(first + 1), bias(first + 2), bias(first + 3));
}

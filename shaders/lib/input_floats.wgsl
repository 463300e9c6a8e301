// The input X [batch, inputs] as floats, rows padded with zeros to vectors: the activations of the layer before, or augmented
// images.
var<storage, read> inputs: array<vec4f>;

fn input_row(sample: u32) -> u32 { return sample * INPUT_VECTORS; }
fn input_at(index: u32) -> vec4f { return inputs[index]; }

// The input X [batch, inputs] of a later layer: the activations of the layer before, rows padded with zeros to vectors.
var<storage, read> inputs: array<vec4f>;

fn input_row(sample: u32) -> u32 { return sample * INPUT_VECTORS; }
fn input_at(index: u32) -> vec4f { return inputs[index]; }

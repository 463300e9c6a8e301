// Sums of whole rows, of forward: A = activation(sums + b) into `outputs` [batch, outputs]; in training with dropout and
// derivatives (variant MODE).
#include "outputs_{MODE}.wgsl"
var<storage, read_write> outputs: array<vec4f>;

fn beginning(neurons: u32) -> vec4f { return biases(neurons); }
fn finish(sample: u32, slice: u32, neurons: u32, sums: vec4f) {
  outputs[sample * RESULT_VECTORS + neurons] = outputs_of(sample, neurons, sums);
}

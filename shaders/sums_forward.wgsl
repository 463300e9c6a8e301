// Sums of whole rows, of forward: A = activation(sums + b) into `outputs` [batch, outputs]; in training with dropout and
// slopes (variant MODE).
#include "outputs_{MODE}.wgsl"
@group(0) @binding(3) var<storage, read_write> outputs: array<vec4f>;

fn beginning(neurons: u32) -> vec4f { return biases(neurons); }
fn finish(sample: u32, part: u32, neurons: u32, sums: vec4f) {
  outputs[sample * RESULT_VECTORS + neurons] = outputs_of(sample, neurons, sums);
}

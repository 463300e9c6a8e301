// Sums of whole rows, of forward: A = activation(sums + b) into `outputs` [batch, outputs]; in training with dropout and
// derivatives (variant MODE).
#include "outputs_{MODE}.wgsl"
var<storage, read_write> outputs: array<vec4f>;

const ZEROS_TOO = true;
fn beginning(neurons: u32) -> vec4f { return biases(neurons); }
fn finish(row: Row, neurons: u32, sums: vec4f) {
  outputs[row.sample * RESULT_VECTORS + neurons] = outputs_of(row.sample, neurons, sums);
}

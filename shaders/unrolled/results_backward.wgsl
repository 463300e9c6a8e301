// Sums of whole rows, of backward: dZ_previous = sums ⊙ derivatives into `previous_gradient` [size, inputs], where the layer
// before has left its derivatives.
var<storage, read_write> previous_gradient: array<vec4f>;

fn beginning(inputs: u32) -> vec4f { return vec4f(0); }
fn finish(sample: u32, slice: u32, inputs: u32, sums: vec4f) {
  previous_gradient[sample * RESULT_VECTORS + inputs] *= sums;
}

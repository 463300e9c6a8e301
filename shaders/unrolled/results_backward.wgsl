// Sums of whole rows, of backward: dZ_previous = sums ⊙ derivatives into `previous_gradient` [size, inputs], where the layer
// before has left its derivatives.
var<storage, read_write> previous_gradient: array<vec4f>;

const ZEROS_TOO = true;
fn beginning(inputs: u32) -> vec4f { return vec4f(0); }
fn finish(row: Row, inputs: u32, sums: vec4f) {
  previous_gradient[row.sample * RESULT_VECTORS + inputs] *= sums;
}

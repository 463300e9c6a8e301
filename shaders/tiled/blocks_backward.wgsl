// Sums of whole rows, of backward: dZ_previous = sums ⊙ derivatives into `previous_gradient` [size, inputs], where the layer
// before has left its derivatives, which are all loaded before the first one is overwritten.
var<storage, read_write> previous_gradient: array<vec4f>;

fn finish(samples: u32, inputs: u32, slice: u32, sums: mat4x4f) {
  if (inputs >= INPUT_VECTORS) { return; }
  let at = samples * 4 * INPUT_VECTORS + inputs + INPUT_VECTORS * vec4u(0, 1, 2, 3);
  #for s in 0..4
  let d{s} = sums[{s}] * previous_gradient[at[{s}]];
  #end
  #for s in 0..4
  if (samples * 4 + {s} < current.size) { previous_gradient[at[{s}]] = d{s}; }
  #end
}

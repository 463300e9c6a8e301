// backward_tiled: what backward computes, or dZ · W as a split-K product (variant RESULTS_TO), for GPUs.
//   dZ [size, outputs]            in `gradient`
//   W  [outputs, inputs]          in `parameters`
//   dZ_previous [size, inputs]    into `previous_gradient`, as blocks_backward.wgsl says; or
//   dA [batch, slices, inputs]    into `partials`: backward_partials goes on from there
// How it is computed is in tiles.wgsl; rows are samples, columns inputs, terms neurons.
#include "step.wgsl"
#include "parameters.wgsl"
#include "tiles.wgsl"
#include "blocks_{RESULTS_TO}.wgsl"
override SLICES: u32;
override SLICE_VECTORS: u32;   // vectors of neurons in a slice
override BLOCKS: u32;          // tiles side by side that cover all inputs
var<storage, read> gradient: array<vec4f>;
var<storage, read> parameters: array<vec4f>;

// Samples, neurons and inputs beyond the last ones repeat these; what is computed of them goes nowhere or is multiplied by zero.
const row_along = true;
fn row_start(samples: u32) -> vec4u {
  return min(samples * 4 + vec4u(0, 1, 2, 3), vec4u(current.size - 1)) * OUTPUT_VECTORS;
}
fn row_places(start: vec4u, neurons: u32) -> vec4u { return start + neurons; }
fn row_block(start: vec4u, at: vec4u, neurons: u32, end: u32) -> mat4x4f {
  let d = mat4x4f(gradient[at.x], gradient[at.y], gradient[at.z], gradient[at.w]);
  return transpose(block_within(d, neurons < end));
}

const column_along = false;
fn column_start(inputs: u32) -> vec4u { return vec4u(min(inputs, INPUT_VECTORS - 1)); }
fn column_places(start: vec4u, neurons: u32) -> vec4u {
  return weight_row(min(neurons, OUTPUT_VECTORS - 1) * 4) + start + (INPUT_VECTORS + 1) * vec4u(0, 1, 2, 3);
}
fn column_block(start: vec4u, at: vec4u, neurons: u32, end: u32) -> mat4x4f {
  return mat4x4f(parameters[at.x], parameters[at.y], parameters[at.z], parameters[at.w]);
}

@compute @workgroup_size(WORKGROUP)
fn backward_tiled(@builtin(workgroup_id) group_id: vec3u, @builtin(num_workgroups) group_count: vec3u,
                  @builtin(local_invocation_index) local: u32) {
  let tile = workgroup_index(group_id, group_count);
  let slice = tile % SLICES;
  let first = slice * SLICE_VECTORS;
  products(tile / SLICES / BLOCKS * row_width, tile / SLICES % BLOCKS * column_width,
           slice, first, min(first + SLICE_VECTORS, OUTPUT_VECTORS), local);
}

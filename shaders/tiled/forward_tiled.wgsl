// forward_tiled: what forward computes, or X · Wᵀ as a split-K product (variant RESULTS_TO), for GPUs.
//   X [size, inputs]                    bytes through the order, or floats: the variant INPUT says which
//   W [outputs, inputs], b [outputs]    in `parameters`
//   A [batch, outputs]                  into `outputs`, as blocks_forward.wgsl says; or
//   Z [batch, slices, outputs]          into `partials`: forward_partials or fused_classifier_tiled goes on from there
// How it is computed is in tiles.wgsl; rows are samples, columns neurons, terms inputs.
#include "step.wgsl"
#include "parameters.wgsl"
#include "input_{INPUT}.wgsl"
#include "tiles.wgsl"
#include "blocks_{RESULTS_TO}.wgsl"
override SLICES: u32;
override SLICE_VECTORS: u32;   // vectors of inputs in a slice
override BLOCKS: u32;          // tiles side by side that cover all neurons
var<storage, read> parameters: array<vec4f>;

// Samples and neurons beyond the last ones repeat these; what is computed of them goes nowhere.
const row_along = true;
fn row_start(samples: u32) -> vec4u {
  let s = min(samples * 4 + vec4u(0, 1, 2, 3), vec4u(current.size - 1));
  return vec4u(input_row(s.x), input_row(s.y), input_row(s.z), input_row(s.w));
}
fn row_places(start: vec4u, inputs: u32) -> vec4u { return start + inputs; }
fn row_block(start: vec4u, at: vec4u, inputs: u32, end: u32) -> mat4x4f {
  let x = mat4x4f(input_at(at.x), input_at(at.y), input_at(at.z), input_at(at.w));
  return transpose(block_within(x, inputs < end));
}

const column_along = true;
fn column_start(neurons: u32) -> vec4u {
  return weight_row(min(neurons, OUTPUT_VECTORS - 1) * 4) + (INPUT_VECTORS + 1) * vec4u(0, 1, 2, 3);
}
// Inputs beyond the last ones repeat these, times zero: behind the last row lies the next network, and NaN times zero is NaN.
fn column_places(start: vec4u, inputs: u32) -> vec4u { return start + min(inputs, INPUT_VECTORS - 1); }
fn column_block(start: vec4u, at: vec4u, inputs: u32, end: u32) -> mat4x4f {
  return transpose(mat4x4f(parameters[at.x], parameters[at.y], parameters[at.z], parameters[at.w]));
}

@compute @workgroup_size(WORKGROUP)
fn forward_tiled(@builtin(workgroup_id) group_id: vec3u, @builtin(num_workgroups) group_count: vec3u,
                 @builtin(local_invocation_index) local: u32) {
  let tile = workgroup_index(group_id, group_count);
  let slice = tile % SLICES;
  let first = slice * SLICE_VECTORS;
  products(tile / SLICES / BLOCKS * row_width, tile / SLICES % BLOCKS * column_width,
           slice, first, min(first + SLICE_VECTORS, INPUT_VECTORS), local);
}

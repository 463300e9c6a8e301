// update_tiled: what update computes, with its contract, for GPUs.
//   dZ [size, outputs]                  in `gradient` (already divided by the mini-batch's size)
//   X  [size, inputs]                   bytes through the order, or floats: the variant INPUT says which
//   W  [outputs, inputs], b [outputs]   in `parameters`, read and written; dW never goes to memory
// How the gradients are computed is in tiles.wgsl; rows are neurons, columns inputs, terms samples.
#include "step.wgsl"
#include "parameters.wgsl"
#include "input_{INPUT}.wgsl"
#include "tiles.wgsl"
#include "optimizer_steps.wgsl"
#include "fused_update_{FUSED}.wgsl"
override BLOCKS: u32;   // tiles side by side that cover all inputs; the vector after the last input is the bias
var<storage, read> gradient: array<vec4f>;
var<storage, read_write> parameters: array<vec4f>;

// Samples beyond the last one repeat it; their gradients are zero.
fn four_samples(samples: u32) -> vec4u { return min(samples * 4 + vec4u(0, 1, 2, 3), vec4u(current.size - 1)); }

const row_along = false;
fn row_start(neurons: u32) -> vec4u { return vec4u(min(neurons, OUTPUT_VECTORS - 1)); }
fn row_places(start: vec4u, samples: u32) -> vec4u { return four_samples(samples) * OUTPUT_VECTORS + start; }
fn row_block(start: vec4u, at: vec4u, samples: u32, end: u32) -> mat4x4f {
  let d = mat4x4f(gradient[at.x], gradient[at.y], gradient[at.z], gradient[at.w]);
  let exist = samples * 4 + vec4u(0, 1, 2, 3) < vec4u(current.size);
  return mat4x4f(select(vec4f(0), d[0], exist.x), select(vec4f(0), d[1], exist.y),
                 select(vec4f(0), d[2], exist.z), select(vec4f(0), d[3], exist.w));
}

const column_along = false;
fn column_start(inputs: u32) -> vec4u { return vec4u(inputs); }
fn column_places(start: vec4u, samples: u32) -> vec4u {
  let s = four_samples(samples);
  return vec4u(input_row(s.x), input_row(s.y), input_row(s.z), input_row(s.w)) + min(start, vec4u(INPUT_VECTORS - 1));
}
fn column_block(start: vec4u, at: vec4u, samples: u32, end: u32) -> mat4x4f {
  let x = mat4x4f(input_at(at.x), input_at(at.y), input_at(at.z), input_at(at.w));
  let is_bias = start.x == INPUT_VECTORS;
  return mat4x4f(select(x[0], BIAS_INPUT, is_bias), select(x[1], BIAS_INPUT, is_bias),
                 select(x[2], BIAS_INPUT, is_bias), select(x[3], BIAS_INPUT, is_bias));
}

// The optimizer's step for 4 x 4 weights.
fn finish(neurons: u32, inputs: u32, slice: u32, dw: mat4x4f) {
  if (neurons >= OUTPUT_VECTORS || inputs > INPUT_VECTORS) { return; }
  let at = weight_row(neurons * 4) + inputs;
  optimizer_steps(at + (INPUT_VECTORS + 1) * vec4u(0, 1, 2, 3), dw, inputs == INPUT_VECTORS);
}

@compute @workgroup_size(WORKGROUP)
fn update_tiled(@builtin(workgroup_id) group_id: vec3u, @builtin(num_workgroups) group_count: vec3u,
                @builtin(local_invocation_index) local: u32) {
  let tile = workgroup_index(group_id, group_count);
  if (tile >= OUTPUT_LAYER_FIRST) {
    update_output_layer(tile - OUTPUT_LAYER_FIRST, local);
    return;
  }
  products(tile / BLOCKS * row_width, tile % BLOCKS * column_width, 0, 0, (current.size + 3) / 4, local);
}

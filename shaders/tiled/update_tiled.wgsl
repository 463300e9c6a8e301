// update_tiled: what update computes, with its contract, for GPUs.
//   dZ [size, outputs]                  in `gradient` (already divided by the mini-batch's size)
//   X  [size, inputs]                   bytes through the order, or floats: the variant INPUT says which
//   W  [outputs, inputs], b [outputs]   in `parameters`, read and written; dW never goes to memory
// A workgroup computes a tile of NEURONS x 4 neurons and INPUTS x 4 inputs, an invocation 4 x 4 of it. The tile's
// columns of dZ and X pass through workgroup memory, 16 samples at a time: each is loaded once a workgroup.
#include "step.wgsl"
#include "parameters.wgsl"
#include "input_{INPUT}.wgsl"
#include "optimizer_step.wgsl"
#include "fused_update_{FUSED}.wgsl"
override BLOCKS: u32;   // tiles side by side that cover all inputs; the vector after the last input is the bias
const NEURONS = {NEURONS}u;
const INPUTS = {INPUTS}u;
const DEPTH = 16u;      // samples in workgroup memory
var<storage, read> gradient: array<vec4f>;
var<storage, read_write> parameters: array<vec4f>;
var<workgroup> d_tile: array<vec4f, NEURONS * DEPTH>;
var<workgroup> x_tile: array<vec4f, INPUTS * DEPTH>;

// Four inputs of a sample, 1 for the bias, zeros beyond the mini-batch.
fn input_of(sample: u32, vector: u32) -> vec4f {
  let x = select(input_at(input_row(sample) + vector), BIAS_INPUT, vector == INPUT_VECTORS);
  return select(vec4f(0), x, sample < current.size);
}

// dZ of 4 neurons; zeros beyond the mini-batch.
fn gradient_of(sample: u32, group: u32) -> vec4f {
  return select(vec4f(0), gradient[sample * OUTPUT_VECTORS + group], sample < current.size);
}

@compute @workgroup_size(WORKGROUP)
fn update_tiled(@builtin(workgroup_id) group_id: vec3u, @builtin(num_workgroups) group_count: vec3u,
                @builtin(local_invocation_index) local: u32) {
  let tile = workgroup_index(group_id, group_count);
  if (tile * WORKGROUP >= OUTPUT_LAYER_FIRST) {
    update_output_layer(tile * WORKGROUP + local);
    return;
  }
  let first_vector = tile % BLOCKS * INPUTS;
  let first_group = tile / BLOCKS * NEURONS;
  var dw = mat4x4f();  // column: neuron, row: input
  for (var sample = 0u; sample < current.size; sample += DEPTH) {
    for (var i = local; i < NEURONS * DEPTH; i += WORKGROUP) {
      d_tile[i] = gradient_of(sample + i / NEURONS, first_group + i % NEURONS);
    }
    for (var i = local; i < INPUTS * DEPTH; i += WORKGROUP) {
      x_tile[i] = input_of(sample + i / INPUTS, first_vector + i % INPUTS);
    }
    workgroupBarrier();
    for (var s = 0u; s < DEPTH; s++) {
      let x = x_tile[s * INPUTS + local % INPUTS];
      let d = d_tile[s * NEURONS + local / INPUTS];
      dw += mat4x4f(x * d.x, x * d.y, x * d.z, x * d.w);
    }
    workgroupBarrier();
  }
  let vector = first_vector + local % INPUTS;
  let group = first_group + local / INPUTS;
  if (vector > INPUT_VECTORS || group >= OUTPUT_VECTORS) { return; }
  for (var n = 0u; n < 4; n++) {
    optimizer_step(weight_row(group * 4 + n) + vector, dw[n], vector == INPUT_VECTORS);
  }
}

// update: dW = dZᵀ · X, db = column sums of dZ, and one step of the optimizer, in place; or the gradients alone (variant THEN).
//   dZ [size, outputs]                  in `gradient` (already divided by the mini-batch's size)
//   X  [size, inputs]                   bytes through the order, or floats: the variant INPUT says which
//   W  [outputs, inputs], b [outputs]   in `parameters`, read and written; dW never goes to memory
// One invocation computes a tile of 4 neurons x 4 inputs; the tile after the last input is the bias, whose input is 1.
#include "step.wgsl"
#include "parameters.wgsl"
#include "input_{INPUT}.wgsl"
#include "{THEN}.wgsl"
var<storage, read> gradient: array<vec4f>;
var<storage, read_write> parameters: array<vec4f>;

@compute @workgroup_size(WORKGROUP)
fn update(@builtin(workgroup_id) group_id: vec3u, @builtin(num_workgroups) group_count: vec3u,
          @builtin(local_invocation_index) local: u32) {
  let tile = invocation(group_id, group_count, local);
  let input = tile % (INPUT_VECTORS + 1);
  let neurons = tile / (INPUT_VECTORS + 1);
  if (neurons >= OUTPUT_VECTORS) { return; }

  let is_bias = input == INPUT_VECTORS;
  let x_offset = min(input, INPUT_VECTORS - 1);
  var dw = mat4x4f();  // column: neuron, row: input
  for (var sample = 0u; sample < current.size; sample++) {
    let x = select(input_at(input_row(sample) + x_offset), BIAS_INPUT, is_bias);
    let d = gradient[sample * OUTPUT_VECTORS + neurons];
    dw += mat4x4f(x * d.x, x * d.y, x * d.z, x * d.w);
  }
  for (var n = 0u; n < 4; n++) {
    optimizer_step(weight_row(neurons * 4 + n) + input, dw[n], is_bias);
  }
}

// backward: dZ_previous = (dZ · W) ⊙ derivatives, from a layer's gradient to that of the layer before.
//   dZ [size, outputs]            in `gradient`
//   W  [outputs, inputs]          in `parameters`
//   dZ_previous [size, inputs]    into `previous_gradient`, where the layer before has left its derivatives
// One invocation computes a tile of 4 samples x 4 inputs. Padding stays zero because that of W is.
#include "step.wgsl"
#include "parameters.wgsl"
var<storage, read> gradient: array<vec4f>;
var<storage, read> parameters: array<vec4f>;
var<storage, read_write> previous_gradient: array<vec4f>;

@compute @workgroup_size(WORKGROUP)
fn backward(@builtin(workgroup_id) group_id: vec3u, @builtin(num_workgroups) group_count: vec3u,
            @builtin(local_invocation_index) local: u32) {
  let tile = invocation(group_id, group_count, local);
  let input = tile % INPUT_VECTORS;
  let sample = tile / INPUT_VECTORS * 4;
  if (sample >= current.size) { return; }

  // Samples beyond the end repeat the last one; they are not written.
  let last = current.size - 1;
  let d_at = OUTPUT_VECTORS * min(vec4u(sample, sample + 1, sample + 2, sample + 3), vec4u(last));
  var da = mat4x4f();  // column: sample, row: input
  for (var neurons = 0u; neurons < OUTPUT_VECTORS; neurons++) {
    let d = mat4x4f(gradient[d_at.x + neurons], gradient[d_at.y + neurons],
                    gradient[d_at.z + neurons], gradient[d_at.w + neurons]);
    let w = mat4x4f(parameters[weight_row(neurons * 4) + input], parameters[weight_row(neurons * 4 + 1) + input],
                    parameters[weight_row(neurons * 4 + 2) + input], parameters[weight_row(neurons * 4 + 3) + input]);
    da += w * d;
  }
  for (var s = 0u; s < min(4u, current.size - sample); s++) {
    previous_gradient[(sample + s) * INPUT_VECTORS + input] *= da[s];
  }
}

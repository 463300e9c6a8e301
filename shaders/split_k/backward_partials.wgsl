// backward_partials: dZ_previous = (sum over slices of dA) ⊙ derivatives, the second half of backward as a split-K product.
//   dA [batch, slices, inputs]       in `partials`, rows padded to whole vectors
//   dZ_previous [size, inputs]      into `previous_gradient`, where the layer before has left its derivatives
// One invocation computes one sample x 4 inputs.
#include "step.wgsl"
override INPUT_VECTORS: u32;
override SLICES: u32;
var<storage, read> partials: array<vec4f>;
var<storage, read_write> previous_gradient: array<vec4f>;

@compute @workgroup_size(WORKGROUP)
fn backward_partials(@builtin(workgroup_id) group_id: vec3u, @builtin(num_workgroups) group_count: vec3u,
                  @builtin(local_invocation_index) local: u32) {
  let index = invocation(group_id, group_count, local);
  let sample = index / INPUT_VECTORS;
  if (sample >= current.size) { return; }
  var sum = vec4f();
  for (var slice = 0u; slice < SLICES; slice++) {
    sum += partials[(sample * SLICES + slice) * INPUT_VECTORS + index % INPUT_VECTORS];
  }
  previous_gradient[index] *= sum;
}

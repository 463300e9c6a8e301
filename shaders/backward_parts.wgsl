// backward_parts: dZ_previous = (sum over parts of dA) ⊙ slopes, what is left of backward where its sums were computed in
// parts.
//   dA [batch, parts, inputs]       in `partials`, rows padded to whole vectors
//   dZ_previous [size, inputs]      into `previous_gradient`, where the layer before has left its slopes
// One invocation computes one sample x 4 inputs.
#include "step.wgsl"
override INPUT_VECTORS: u32;
override PARTS: u32;
@group(0) @binding(0) var<storage, read> partials: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> previous_gradient: array<vec4f>;

@compute @workgroup_size(WORKGROUP)
fn backward_parts(@builtin(workgroup_id) group_id: vec3u, @builtin(num_workgroups) group_count: vec3u,
                  @builtin(local_invocation_index) local: u32) {
  let index = invocation(group_id, group_count, local);
  let sample = index / INPUT_VECTORS;
  if (sample >= current.size) { return; }
  var sum = vec4f();
  for (var part = 0u; part < PARTS; part++) {
    sum += partials[(sample * PARTS + part) * INPUT_VECTORS + index % INPUT_VECTORS];
  }
  previous_gradient[index] *= sum;
}

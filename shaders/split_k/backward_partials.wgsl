// backward_partials: dZ_previous = (sum over slices of dA) ⊙ derivatives, the second half of backward as a split-K product.
//   dA [batch, slices, inputs]       in `partials`, rows padded to whole vectors
//   dZ_previous [size, inputs]      into `previous_gradient`, where the layer before has left its derivatives
// One invocation computes one sample x 4 inputs; TOGETHER slices are loaded before they are used, REST are left in the end.
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
  let at = sample * SLICES * INPUT_VECTORS + index % INPUT_VECTORS;
  var sum = vec4f();
  var slice = 0u;
  for (; slice < SLICES - {REST}; slice += {TOGETHER}) {
    #for i in 0..TOGETHER
    let p{i} = partials[at + (slice + {i}) * INPUT_VECTORS];
    #end
    #for i in 0..TOGETHER
    sum += p{i};
    #end
  }
  #for i in 0..REST
  let rest{i} = partials[at + (slice + {i}) * INPUT_VECTORS];
  #end
  #for i in 0..REST
  sum += rest{i};
  #end
  previous_gradient[index] *= sum;
}

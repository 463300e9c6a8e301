// forward_partials: A = activation(sum over slices of Z + b), the second half of forward as a split-K
// product; in training with dropout and derivatives (variant MODE).
//   Z [batch, slices, outputs]   in `partials`, rows padded with zeros to whole vectors
//   b [outputs]                 in `parameters`
//   A [batch, outputs]          into `outputs`, rows padded with zeros to whole vectors
// One invocation computes SAMPLES samples x 4 neurons.
#include "step.wgsl"
#include "parameters.wgsl"
#include "outputs_{MODE}.wgsl"
#include "partial_sums.wgsl"
var<storage, read> partials: array<vec4f>;
var<storage, read> parameters: array<vec4f>;
var<storage, read_write> outputs: array<vec4f>;

@compute @workgroup_size(WORKGROUP)
fn forward_partials(@builtin(workgroup_id) group_id: vec3u, @builtin(num_workgroups) group_count: vec3u,
             @builtin(local_invocation_index) local: u32) {
  let index = invocation(group_id, group_count, local);
  let first = index / OUTPUT_VECTORS * {SAMPLES};
  if (first >= current.size) { return; }
  let neurons = index % OUTPUT_VECTORS;
  let samples = samples_from(first);
  let a = outputs_from_partials(samples, neurons);
  #for s in 0..SAMPLES
  outputs[samples[{s}] * OUTPUT_VECTORS + neurons] = a[{s}];
  #end
}

// sum_parts: A = activation(sum over parts of Z + b), what is left of forward where its sums were computed in parts;
// in training with dropout and slopes (variant MODE).
//   Z [batch, parts, outputs]   in `partials`, rows padded with zeros to whole vectors
//   b [outputs]                 in `parameters`
//   A [batch, outputs]          into `outputs`, rows padded with zeros to whole vectors
// One invocation computes one sample x 4 neurons.
#include "step.wgsl"
#include "parameters.wgsl"
#include "outputs_{MODE}.wgsl"
#include "parts.wgsl"
@group(0) @binding(0) var<storage, read> partials: array<vec4f>;
@group(0) @binding(1) var<storage, read> parameters: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> outputs: array<vec4f>;

@compute @workgroup_size(WORKGROUP)
fn sum_parts(@builtin(workgroup_id) group_id: vec3u, @builtin(num_workgroups) group_count: vec3u,
             @builtin(local_invocation_index) local: u32) {
  let index = invocation(group_id, group_count, local);
  let sample = index / OUTPUT_VECTORS;
  if (sample >= current.size) { return; }
  let neurons = index % OUTPUT_VECTORS;
  var z = biases(neurons);
  for (var part = 0u; part < PARTS; part++) { z += partial(sample, part, neurons); }
  outputs[index] = outputs_of(sample, neurons, z);
}

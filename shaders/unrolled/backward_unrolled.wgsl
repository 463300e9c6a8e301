// backward_unrolled: what backward computes, or dZ · W as a split-K product (variant RESULTS_TO).
//   dZ [size, outputs]             in `inputs`: rows as chunk_floats reads them
//   W  [outputs, inputs]           in `parameters`
//   dZ_previous [size, inputs]     into `previous_gradient`, as results_backward.wgsl says; or
//   dA [batch, slices, inputs]      into `partials`: backward_partials goes on from there
// How it is computed is in products.wgsl; a quad computes a block of inputs and samples.
enable subgroups;
diagnostic(off, subgroup_uniformity);   // within a quad control flow is uniform, which is all that is needed
#include "step.wgsl"
#include "parameters.wgsl"
#include "chunk_floats.wgsl"
#include "products.wgsl"
#include "results_{RESULTS_TO}.wgsl"
var<storage, read> parameters: array<vec4f>;

// The weights of 4 inputs, a column each, in 4 neurons.
fn weights(inputs: u32, neurons: u32) -> mat4x4f {
  let at = weight_row(neurons * 4) + inputs;
  let row = INPUT_VECTORS + 1;
  let rows = mat4x4f(parameters[at], parameters[at + row], parameters[at + 2 * row], parameters[at + 3 * row]);
  return transpose(rows);
}

@compute @workgroup_size(WORKGROUP)
fn backward_unrolled(@builtin(workgroup_id) group_id: vec3u, @builtin(num_workgroups) group_count: vec3u,
                     @builtin(local_invocation_index) local: u32) {
  products(invocation(group_id, group_count, local));
}

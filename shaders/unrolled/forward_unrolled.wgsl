// forward_unrolled: what forward computes, or X · Wᵀ as a split-K product (variant RESULTS_TO).
//   X [size, inputs]                    images, of which zeros are left out, or floats: the variant INPUT says which
//   W [outputs, inputs], b [outputs]    in `parameters`
//   A [batch, outputs]                  into `outputs`, as results_forward.wgsl says; or
//   Z [batch, slices, outputs]           into `partials`: forward_partials or fused_classifier goes on from there
// How it is computed is in products.wgsl; a quad computes a block of neurons and samples.
enable subgroups;
diagnostic(off, subgroup_uniformity);   // within a quad control flow is uniform, which is all that is needed
#include "step.wgsl"
#include "parameters.wgsl"
#include "chunk_{INPUT}.wgsl"
#include "products.wgsl"
#include "results_{RESULTS_TO}.wgsl"
var<storage, read> parameters: array<vec4f>;

// Four weights of 4 neurons, a column each.
fn weights(neurons: u32, vector: u32) -> mat4x4f {
  let at = weight_row(neurons * 4) + vector;
  let row = INPUT_VECTORS + 1;
  return mat4x4f(parameters[at], parameters[at + row], parameters[at + 2 * row], parameters[at + 3 * row]);
}

@compute @workgroup_size(WORKGROUP)
fn forward_unrolled(@builtin(workgroup_id) group_id: vec3u, @builtin(num_workgroups) group_count: vec3u,
                    @builtin(local_invocation_index) local: u32) {
  products(invocation(group_id, group_count, local));
}

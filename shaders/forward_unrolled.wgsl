// forward_unrolled: what forward computes, or its sums X · Wᵀ in parts (variant SUMS).
//   X [size, inputs]                    images, of which blank parts are left out, or floats: the variant INPUT says which
//   W [outputs, inputs], b [outputs]    in `parameters`
//   A [batch, outputs]                  into `outputs`, as sums_forward.wgsl says; or
//   Z [batch, parts, outputs]           into `partials`: sum_parts or head goes on from there
// How it is computed is in products_unrolled.wgsl; a quad computes a block of neurons and samples.
enable subgroups;
#include "step.wgsl"
#include "parameters.wgsl"
#include "stretch_{INPUT}.wgsl"
#include "products_unrolled.wgsl"
#include "sums_{SUMS}.wgsl"
@group(0) @binding(2) var<storage, read> parameters: array<vec4f>;

// Four weights of 4 neurons, a column each.
fn weights(neurons: u32, vector: u32) -> mat4x4f {
  let at = weight_row(neurons * 4) + vector;
  let row = INPUT_VECTORS + 1;
  return mat4x4f(parameters[at], parameters[at + row], parameters[at + 2 * row], parameters[at + 3 * row]);
}

@compute @workgroup_size(4)
fn forward_unrolled(@builtin(workgroup_id) group_id: vec3u, @builtin(num_workgroups) group_count: vec3u,
                    @builtin(local_invocation_index) lane: u32) {
  products(workgroup_index(group_id, group_count), lane);
}

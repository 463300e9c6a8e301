// softmax: p[c] = e^z[c] / sum over classes of e^z, row by row.
//   z [batch, classes]   in `logits`, rows padded to whole vectors
//   p [batch, classes]   into `probabilities`, rows not padded
// One invocation computes one sample.
#include "step.wgsl"
#include "logits.wgsl"
var<storage, read> logits: array<vec4f>;
var<storage, read_write> probabilities: array<f32>;

@compute @workgroup_size(WORKGROUP)
fn softmax(@builtin(workgroup_id) group_id: vec3u, @builtin(num_workgroups) group_count: vec3u,
           @builtin(local_invocation_index) local: u32) {
  let sample = invocation(group_id, group_count, local);
  if (sample >= current.size) { return; }
  let z = Classes(
    #for q in 0..CLASS_VECTORS
    logits[sample * {CLASS_VECTORS} + {q}],
    #end
  );
  var e = exponentials(z, maximum_of(z));
  let sum = sum_of(e);
  for (var c = 0u; c < CLASSES; c++) { probabilities[sample * CLASSES + c] = e[c / 4][c % 4] / sum; }
}

// softmax_cross_entropy: loss of every sample, its gradient with respect to the logits, and the predicted class.
//   z [batch, classes]        in `logits`, rows padded to whole vectors
//   y [samples]               in `labels`, one word each, gathered through the epoch's order
//   dZ [batch, classes]       into `gradient`, rows padded with zeros to whole vectors
//   (loss, predicted class)   into the sample's own slot of `sample_metrics`
// The formulas are in cross_entropy.wgsl. One invocation computes one sample.
#include "step.wgsl"
#include "cross_entropy.wgsl"
var<storage, read> logits: array<vec4f>;
var<storage, read> order: array<u32>;
var<storage, read> labels: array<u32>;
var<storage, read_write> gradient: array<vec4f>;
var<storage, read_write> sample_metrics: array<SampleMetrics>;

@compute @workgroup_size(WORKGROUP)
fn softmax_cross_entropy(@builtin(workgroup_id) group_id: vec3u, @builtin(num_workgroups) group_count: vec3u,
                         @builtin(local_invocation_index) local: u32) {
  let sample = invocation(group_id, group_count, local);
  if (sample >= current.size) { return; }
  let position = current.first + sample;
  let result = cross_entropy(
    Classes(
      #for q in 0..CLASS_VECTORS
      logits[sample * {CLASS_VECTORS} + {q}],
      #end
    ),
    labels[order[position]],
  );
  sample_metrics[position] = result.metrics;
  #for q in 0..CLASS_VECTORS
  gradient[sample * {CLASS_VECTORS} + {q}] = result.gradient[{q}];
  #end
}

// softmax_cross_entropy: loss of every sample, its gradient with respect to the logits, and the predicted class.
//   z [batch, classes]        in `logits`
//   y [samples]               in `labels`, one word each, gathered through the epoch's order
//   loss = log(sum of e^z) - z[y]                      cross-entropy of softmax(z), in nats
//   dZ [batch, classes]       = (softmax(z) - onehot(y)) / size, rows padded with zeros to whole vectors
//   (loss, predicted class)   into the sample's own slot of `sample_metrics`
// One invocation computes one sample.
#include "step.wgsl"
#include "logits.wgsl"
#include "sample_metrics.wgsl"
@group(0) @binding(1) var<storage, read> order: array<u32>;
@group(0) @binding(2) var<storage, read> labels: array<u32>;
@group(0) @binding(3) var<storage, read_write> gradient: array<f32>;
@group(0) @binding(4) var<storage, read_write> sample_metrics: array<SampleMetrics>;

@compute @workgroup_size(WORKGROUP)
fn softmax_cross_entropy(@builtin(workgroup_id) workgroup: vec3u, @builtin(num_workgroups) workgroups: vec3u,
                         @builtin(local_invocation_index) local: u32) {
  let sample = invocation(workgroup, workgroups, local);
  if (sample >= current.size) { return; }
  let label = labels[order[current.first + sample]];
  let prediction = predicted_class(sample);
  let maximum = logit(sample, prediction);
  let sum = sum_of_exponentials(sample, maximum);
  sample_metrics[current.first + sample] = SampleMetrics(log(sum) + (maximum - logit(sample, label)), prediction);

  let row = sample * CLASS_VECTORS * 4;
  for (var c = 0u; c < CLASSES; c++) {
    let probability = exp(logit(sample, c) - maximum) / sum;
    gradient[row + c] = (probability - select(0f, 1f, c == label)) / f32(current.size);
  }
  for (var c = CLASSES; c < CLASS_VECTORS * 4; c++) { gradient[row + c] = 0; }
}

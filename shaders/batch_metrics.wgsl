// batch_metrics: what each mini-batch of a submission came to, once its steps are done.
//   (first, size) [steps]          in `steps`: the very buffer whose entries are bound as `current` step by step
//   (loss, prediction) [samples]   in `sample_metrics`, by position among those whose images are there
//   y [samples]                    in `labels`
//   (sum of losses, number of correct predictions) [steps]   into `step_metrics`
// One invocation sums one mini-batch, BLOCK samples at a time: a sum that has grown large rounds small losses off. `current.size`
// is here the number of steps.
#include "step.wgsl"
#include "sample_metrics.wgsl"
struct StepSlot {
  @size({STEP_BYTES}) step: Step,   // from one dynamic offset to the next
}
const BLOCK = 256u;
struct StepMetrics {
  loss: f32,
  correct: u32,
}
var<storage, read> steps: array<StepSlot>;
var<storage, read> sample_metrics: array<SampleMetrics>;
var<storage, read> order: array<u32>;
var<storage, read> labels: array<u32>;
var<storage, read_write> step_metrics: array<StepMetrics>;

@compute @workgroup_size(WORKGROUP)
fn batch_metrics(@builtin(workgroup_id) group_id: vec3u, @builtin(num_workgroups) group_count: vec3u,
                 @builtin(local_invocation_index) local: u32) {
  let index = invocation(group_id, group_count, local);
  if (index >= current.size) { return; }
  let batch = steps[index].step;
  var sum = StepMetrics();
  let end = batch.first + batch.size;
  var position = batch.first;
  while (position < end) {
    let block_end = min(position + BLOCK, end);
    var loss = 0f;
    for (; position < block_end; position++) {
      let sample = sample_metrics[position];
      loss += sample.loss;
      sum.correct += select(0u, 1u, sample.prediction == labels[order[position]]);
    }
    sum.loss += loss;
  }
  step_metrics[index] = sum;
}

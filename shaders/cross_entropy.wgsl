// The loss of one sample, its prediction, and its gradient with respect to the logits z:
//   q    = (1 - s) onehot(y) + s / classes         target probabilities of label y, smoothed by s = LABEL_SMOOTHING
//   loss = log(sum of e^z) - sum of q z            cross-entropy of softmax(z) and q, in nats
//   dZ   = (softmax(z) - q) / size                 into `gradient`, rows padded with zeros to whole vectors
// The gradient may take the place of the logits: it is written class by class, after all else has been read.
#include "logits.wgsl"
#include "sample_metrics.wgsl"
override LABEL_SMOOTHING: f32;

fn cross_entropy(sample: u32, label: u32) -> SampleMetrics {
  let prediction = predicted_class(sample);
  let maximum = logit(sample, prediction);
  let sum = sum_of_exponentials(sample, maximum);
  let spread = LABEL_SMOOTHING / f32(CLASSES);
  var loss = log(sum) + (1 - LABEL_SMOOTHING) * (maximum - logit(sample, label));
  for (var c = 0u; c < CLASSES; c++) {
    let below = maximum - logit(sample, c);
    loss += spread * below;
    let wanted = select(spread, 1 - LABEL_SMOOTHING + spread, c == label);
    gradient[class_at(sample, c)] = (exp(-below) / sum - wanted) / f32(current.size);
  }
  for (var c = CLASSES; c < CLASS_VECTORS * 4; c++) { gradient[class_at(sample, c)] = 0; }
  return SampleMetrics(loss, prediction);
}

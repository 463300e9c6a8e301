// The loss of one sample, its prediction, and its gradient with respect to the logits z:
//   loss = log(sum of e^z) - z[y]                  cross-entropy of softmax(z) and the label y, in nats
//   dZ   = (softmax(z) - onehot(y)) / size         into `gradient`, rows padded with zeros to whole vectors
// The gradient may take the place of the logits: it is written class by class, after all else has been read.
#include "logits.wgsl"
#include "sample_metrics.wgsl"

fn cross_entropy(sample: u32, label: u32) -> SampleMetrics {
  let prediction = predicted_class(sample);
  let maximum = logit(sample, prediction);
  let sum = sum_of_exponentials(sample, maximum);
  let loss = log(sum) + (maximum - logit(sample, label));
  for (var c = 0u; c < CLASSES; c++) {
    let probability = exp(logit(sample, c) - maximum) / sum;
    gradient[class_at(sample, c)] = (probability - select(0f, 1f, c == label)) / f32(current.size);
  }
  for (var c = CLASSES; c < CLASS_VECTORS * 4; c++) { gradient[class_at(sample, c)] = 0; }
  return SampleMetrics(loss, prediction);
}

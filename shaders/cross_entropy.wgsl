// The loss of one sample, its prediction, and its gradient with respect to the logits z:
//   q    = (1 - s) onehot(y) + s / classes         target probabilities of label y, smoothed by s = LABEL_SMOOTHING
//   loss = log(sum of e^z) - sum of q z            cross-entropy of softmax(z) and q, in nats
//   dZ   = (softmax(z) - q) / size                 zeros in what pads the last vector
#include "logits.wgsl"
#include "sample_metrics.wgsl"
override LABEL_SMOOTHING: f32;

struct CrossEntropy {
  metrics: SampleMetrics,
  gradient: Classes,
}

fn cross_entropy(z: Classes, label: u32) -> CrossEntropy {
  let maximum = maximum_of(z);
  let e = exponentials(z, maximum);
  let sum = sum_of(e);
  var loss = log(sum);
  var lowest = vec4u(CLASSES - 1);   // of the classes with the largest logit
  #for q in 0..CLASS_VECTORS
  let class{q} = {q} * 4 + vec4u(0, 1, 2, 3);
  let target{q} = LABEL_SMOOTHING / f32(CLASSES) + select(vec4f(0), vec4f(1 - LABEL_SMOOTHING), class{q} == vec4u(label));
  let q{q} = select(vec4f(0), target{q}, exist({q}));
  loss += dot(q{q}, maximum - z[{q}]);
  lowest = min(lowest, select(lowest, class{q}, z[{q}] == vec4f(maximum)));
  #end
  let prediction = min(min(lowest.x, lowest.y), min(lowest.z, lowest.w));
  return CrossEntropy(SampleMetrics(loss, prediction), Classes(
    #for q in 0..CLASS_VECTORS
    (e[{q}] / sum - q{q}) / f32(current.size),
    #end
  ));
}

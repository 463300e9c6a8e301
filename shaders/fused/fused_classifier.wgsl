// fused_classifier: from the partial sums of the last hidden layer to its gradient, in one dispatch; for adapters on which a load is dear.
//   A = activation(sum over slices of Z + b)   [batch, hidden] into `activations`: as forward_partials, with dropout
//   z = A · Wᵀ + b                            as forward, of the output layer
//   loss, prediction, dZ                      into `sample_metrics` and `gradient`: as softmax_cross_entropy
//   dZ_hidden = (dZ · W) ⊙ derivatives             [batch, hidden] into `derivatives`, in their place: as backward
// Constants of the hidden layer have the names that parameters.wgsl gives them; the output layer's begin with
// OUTPUT_LAYER.
// One invocation computes SAMPLES samples, for which it loads the output layer's weights of 4 neurons once; the text has
// a copy for each of them (`s`) and for each of the CLASS_VECTORS of 4 classes (`q`).
enable subgroups;
diagnostic(off, subgroup_uniformity);   // within a quad control flow is uniform, which is all that is needed
#include "step.wgsl"
#include "parameters.wgsl"
#include "outputs_training.wgsl"
#include "partial_sums.wgsl"
#include "cross_entropy.wgsl"
override OUTPUT_LAYER_OFFSET: u32;   // first vector of the output layer in the buffer of all parameters
var<storage, read> partials: array<vec4f>;
var<storage, read> parameters: array<vec4f>;
var<storage, read> order: array<u32>;
var<storage, read> labels: array<u32>;
var<storage, read_write> activations: array<vec4f>;
var<storage, read_write> gradient: array<vec4f>;
var<storage, read_write> sample_metrics: array<SampleMetrics>;

// Weights of the output layer: a column for each of 4 classes, that weighs 4 hidden neurons; vector OUTPUT_VECTORS has the biases.
// All four of a quad need the same: each loads one column and hands it around.
fn classifier_weights(classes: u32, neurons: u32, lane: u32) -> mat4x4f {
  let own = parameters[OUTPUT_LAYER_OFFSET + (classes * 4 + lane) * (OUTPUT_VECTORS + 1) + neurons];
  return mat4x4f(quadBroadcast(own, 0u), quadBroadcast(own, 1u), quadBroadcast(own, 2u), quadBroadcast(own, 3u));
}

@compute @workgroup_size(WORKGROUP)
fn fused_classifier(@builtin(workgroup_id) group_id: vec3u, @builtin(num_workgroups) group_count: vec3u,
        @builtin(local_invocation_index) local: u32) {
  let first = invocation(group_id, group_count, local) * {SAMPLES};
  let in_batch = first < current.size;   // who is not does not return: a quad needs all four
  let samples = samples_from(first);
  let lane = local & 3;

  #for q in 0..CLASS_VECTORS
  let b{q} = vec4f(1, 0, 0, 0) * classifier_weights({q}, OUTPUT_VECTORS, lane);
  #for s in 0..SAMPLES
  var z{s}_{q} = b{q};
  #end
  #end
  for (var v = 0u; v < OUTPUT_VECTORS; v++) {
    var a = array<vec4f, {SAMPLES}>();
    if (in_batch) {
      a = outputs_from_partials(samples, v);
      #for s in 0..SAMPLES
      activations[samples[{s}] * OUTPUT_VECTORS + v] = a[{s}];
      #end
    }
    #for q in 0..CLASS_VECTORS
    let w{q} = classifier_weights({q}, v, lane);
    #for s in 0..SAMPLES
    z{s}_{q} += a[{s}] * w{q};
    #end
    #end
  }

  #for s in 0..SAMPLES
  let position{s} = current.first + samples[{s}];
  let result{s} = cross_entropy(
    Classes(
      #for q in 0..CLASS_VECTORS
      z{s}_{q},
      #end
    ),
    labels[order[position{s}]],
  );
  #end
  if (in_batch) {
    #for s in 0..SAMPLES
    sample_metrics[position{s}] = result{s}.metrics;
    #for q in 0..CLASS_VECTORS
    gradient[samples[{s}] * {CLASS_VECTORS} + {q}] = result{s}.gradient[{q}];
    #end
    #end
  }
  for (var v = 0u; v < OUTPUT_VECTORS; v++) {
    #for q in 0..CLASS_VECTORS
    let w{q} = classifier_weights({q}, v, lane);
    #end
    #for s in 0..SAMPLES
    if (first + {s} < current.size) {
      derivatives[samples[{s}] * OUTPUT_VECTORS + v] *= vec4f()
      #for q in 0..CLASS_VECTORS
        + w{q} * result{s}.gradient[{q}]
      #end
        ;
    }
    #end
  }
}

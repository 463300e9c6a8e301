// fused_classifier_tiled: what fused_classifier computes, with its contract, for GPUs.
//   A = activation(sum over slices of Z + b)   [batch, hidden] into `activations`, Z from `partials`
//   z = A · Wᵀ + b                             of the output layer
//   loss, prediction, dZ                       into `sample_metrics` and `gradient`
//   dZ_hidden = (dZ · W) ⊙ derivatives         [batch, hidden] into `derivatives`, in their place
// Constants of the hidden layer have the names that parameters.wgsl gives them; the output layer's begin with OUTPUT_LAYER.
// A workgroup computes SAMPLES samples, for which it loads the output layer's weights once; the text has a copy for each of
// them (`s`) and for each of the CLASS_VECTORS of 4 classes (`q`). Its invocations share the hidden neurons, 4 at a time, and
// add up in workgroup memory what each has of the logits. All that a round needs is loaded before the first of it is used.
#include "step.wgsl"
#include "parameters.wgsl"
#include "outputs_training.wgsl"
#include "partial_sums.wgsl"
#include "cross_entropy.wgsl"
#include "workgroup_sums.wgsl"
override OUTPUT_LAYER_OFFSET: u32;   // first vector of the output layer in the buffer of all parameters
var<storage, read> partials: array<vec4f>;
var<storage, read> parameters: array<vec4f>;
var<storage, read> order: array<u32>;
var<storage, read> labels: array<u32>;
var<storage, read_write> activations: array<vec4f>;
var<storage, read_write> gradient: array<vec4f>;
var<storage, read_write> sample_metrics: array<SampleMetrics>;
var<workgroup> shared_vectors: array<vec4f, {SAMPLES} * {CLASS_VECTORS} * SUM_PITCH>;

// Weights of the output layer: a column for each of 4 classes, that weighs 4 hidden neurons; vector OUTPUT_VECTORS has the biases.
fn classifier_weights(classes: u32, neurons: u32) -> mat4x4f {
  let row = OUTPUT_VECTORS + 1;
  let at = OUTPUT_LAYER_OFFSET + classes * 4 * row + neurons;
  return mat4x4f(parameters[at], parameters[at + row], parameters[at + 2 * row], parameters[at + 3 * row]);
}

@compute @workgroup_size(WORKGROUP)
fn fused_classifier_tiled(@builtin(workgroup_id) group_id: vec3u, @builtin(num_workgroups) group_count: vec3u,
                          @builtin(local_invocation_index) local: u32) {
  let first = workgroup_index(group_id, group_count) * {SAMPLES};
  if (first >= current.size) { return; }
  let samples = samples_from(first);
  #for s in 0..SAMPLES
  let position{s} = current.first + samples[{s}];
  let label{s} = labels[order[position{s}]];
  #end
  #for q in 0..CLASS_VECTORS
  let b{q} = vec4f(1, 0, 0, 0) * classifier_weights({q}, OUTPUT_VECTORS);
  #for s in 0..SAMPLES
  var z{s}_{q} = vec4f();
  #end
  #end
  for (var v = local; v < OUTPUT_VECTORS; v += WORKGROUP) {
    #for q in 0..CLASS_VECTORS
    let w{q} = classifier_weights({q}, v);
    #end
    let a = outputs_from_partials(samples, v);
    #for s in 0..SAMPLES
    activations[samples[{s}] * OUTPUT_VECTORS + v] = a[{s}];
    #for q in 0..CLASS_VECTORS
    z{s}_{q} += a[{s}] * w{q};
    #end
    #end
  }

  #for s in 0..SAMPLES
  #for q in 0..CLASS_VECTORS
  shared_vectors[({s} * {CLASS_VECTORS} + {q}) * SUM_PITCH + local] = z{s}_{q};
  #end
  #end
  add_up({SAMPLES} * {CLASS_VECTORS}, local);
  #for s in 0..SAMPLES
  let result{s} = cross_entropy(
    Classes(
      #for q in 0..CLASS_VECTORS
      shared_vectors[({s} * {CLASS_VECTORS} + {q}) * SUM_PITCH] + b{q},
      #end
    ),
    label{s},
  );
  if (local == 0) {
    sample_metrics[position{s}] = result{s}.metrics;
    #for q in 0..CLASS_VECTORS
    gradient[samples[{s}] * {CLASS_VECTORS} + {q}] = result{s}.gradient[{q}];
    #end
  }
  #end
  for (var v = local; v < OUTPUT_VECTORS; v += WORKGROUP) {
    #for s in 0..SAMPLES
    let derivatives{s} = derivatives[samples[{s}] * OUTPUT_VECTORS + v];
    #end
    #for q in 0..CLASS_VECTORS
    let w{q} = classifier_weights({q}, v);
    #end
    #for s in 0..SAMPLES   // a sample that comes twice has the same derivatives twice
    derivatives[samples[{s}] * OUTPUT_VECTORS + v] = derivatives{s} * (vec4f()
    #for q in 0..CLASS_VECTORS
      + w{q} * result{s}.gradient[{q}]
    #end
      );
    #end
  }
}

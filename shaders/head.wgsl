// head: all that lies between the last hidden layer's sums and its gradient, sample by sample, in one dispatch.
//   A = activation(sum over parts of Z + b)   [batch, hidden] into `activations`: as sum_parts, with dropout
//   z = A · Wᵀ + b                            as forward, of the output layer
//   loss, prediction, dZ                      into `sample_metrics` and `gradient`: as softmax_cross_entropy
//   dZ_hidden = (dZ · W) ⊙ slopes             [batch, hidden] into `slopes`, in their place: as backward
// Constants of the hidden layer have the names that parameters.wgsl gives them; the output layer's begin with HEAD.
// One invocation computes one sample. Logits lie in `gradient` until their gradient takes their place.
#include "step.wgsl"
#include "parameters.wgsl"
#include "outputs_training.wgsl"
#include "parts.wgsl"
#include "cross_entropy.wgsl"
override HEAD_OFFSET: u32;   // first vector of the output layer in the buffer of all parameters
@group(0) @binding(0) var<storage, read> partials: array<vec4f>;
@group(0) @binding(1) var<storage, read> parameters: array<vec4f>;
@group(0) @binding(2) var<storage, read> order: array<u32>;
@group(0) @binding(3) var<storage, read> labels: array<u32>;
@group(0) @binding(4) var<storage, read_write> activations: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> gradient: array<f32>;
@group(0) @binding(6) var<storage, read_write> sample_metrics: array<SampleMetrics>;

fn logit(sample: u32, class_index: u32) -> f32 { return gradient[class_at(sample, class_index)]; }

// Where the output layer's row of a class starts; its bias follows its weights.
fn head_row(class_index: u32) -> u32 { return HEAD_OFFSET + class_index * (OUTPUT_VECTORS + 1); }

@compute @workgroup_size(WORKGROUP)
fn head(@builtin(workgroup_id) group_id: vec3u, @builtin(num_workgroups) group_count: vec3u,
        @builtin(local_invocation_index) local: u32) {
  let sample = invocation(group_id, group_count, local);
  if (sample >= current.size) { return; }
  let hidden = sample * OUTPUT_VECTORS;
  for (var v = 0u; v < OUTPUT_VECTORS; v++) { activations[hidden + v] = outputs_from_parts(sample, v); }

  for (var c = 0u; c < CLASS_VECTORS * 4; c += 4) {
    let row = vec4u(head_row(c), head_row(c + 1), head_row(c + 2), head_row(c + 3));
    var z = vec4f();
    for (var v = 0u; v < OUTPUT_VECTORS; v++) {
      let w = mat4x4f(parameters[row.x + v], parameters[row.y + v], parameters[row.z + v], parameters[row.w + v]);
      z += activations[hidden + v] * w;
    }
    for (var i = 0u; i < 4; i++) {
      gradient[class_at(sample, c + i)] = z[i] + parameters[row[i] + OUTPUT_VECTORS].x;
    }
  }

  let position = current.first + sample;
  sample_metrics[position] = cross_entropy(sample, labels[order[position]]);

  for (var v = 0u; v < OUTPUT_VECTORS; v++) {
    var da = vec4f();
    for (var c = 0u; c < CLASSES; c++) { da += gradient[class_at(sample, c)] * parameters[head_row(c) + v]; }
    slopes[hidden + v] *= da;
  }
}

// forward: A = activation(X · Wᵀ + b), one fully connected layer; in training with dropout and derivatives (variant MODE).
//   X [size, inputs]                    bytes through the order, or floats: the variant INPUT says which
//   W [outputs, inputs], b [outputs]    in `parameters`
//   A [batch, outputs]                  into `outputs`, rows padded with zeros to whole vectors
// One invocation computes a tile of 4 samples x 4 neurons: 8 vector loads feed 64 multiply-adds.
#include "step.wgsl"
#include "parameters.wgsl"
#include "input_{INPUT}.wgsl"
#include "outputs_{MODE}.wgsl"
var<storage, read> parameters: array<vec4f>;
var<storage, read_write> outputs: array<vec4f>;

@compute @workgroup_size(WORKGROUP)
fn forward(@builtin(workgroup_id) group_id: vec3u, @builtin(num_workgroups) group_count: vec3u,
           @builtin(local_invocation_index) local: u32) {
  let tile = invocation(group_id, group_count, local);
  let neurons = tile % OUTPUT_VECTORS;
  let sample = tile / OUTPUT_VECTORS * 4;
  if (sample >= current.size) { return; }

  // Samples beyond the end repeat the last one; they are not written.
  let last = current.size - 1;
  var x_at = vec4u(input_row(sample), input_row(min(sample + 1, last)),
                   input_row(min(sample + 2, last)), input_row(min(sample + 3, last)));
  var w_at = vec4u(weight_row(neurons * 4), weight_row(neurons * 4 + 1),
                   weight_row(neurons * 4 + 2), weight_row(neurons * 4 + 3));
  var z = mat4x4f();  // column: sample, row: neuron
  for (var k = 0u; k < INPUT_VECTORS; k++) {
    let x = mat4x4f(input_at(x_at.x), input_at(x_at.y), input_at(x_at.z), input_at(x_at.w));
    let w = mat4x4f(parameters[w_at.x], parameters[w_at.y], parameters[w_at.z], parameters[w_at.w]);
    z += transpose(w) * x;
    x_at += 1;
    w_at += 1;
  }
  let b = biases(neurons);
  for (var s = 0u; s < min(4u, current.size - sample); s++) {
    outputs[(sample + s) * OUTPUT_VECTORS + neurons] = outputs_of(sample + s, neurons, z[s] + b);
  }
}

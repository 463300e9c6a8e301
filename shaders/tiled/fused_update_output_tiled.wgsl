// fused update, as fused_update_output says, for GPUs: each of the workgroups from OUTPUT_LAYER_FIRST on computes 4 inputs of
// all CLASS_VECTORS x 4 classes; the one after the last inputs has the biases. Its invocations share the samples, and add up in
// workgroup memory what each has of the gradients.
#include "workgroup_sums.wgsl"
override OUTPUT_LAYER_FIRST: u32;
override OUTPUT_LAYER_OFFSET: u32;   // first vector of the output layer in the buffer of all parameters
var<storage, read> activations: array<vec4f>;
var<storage, read> output_gradient: array<vec4f>;

fn update_output_layer(input: u32, local: u32) {
  if (input > OUTPUT_VECTORS) { return; }
  let is_bias = input == OUTPUT_VECTORS;
  // Of every 4 classes, each of the first 4 invocations updates one.
  let class_of_four = min(local, 3);
  #for q in 0..CLASS_VECTORS
  let at{q} = OUTPUT_LAYER_OFFSET + ({q} * 4 + class_of_four) * (OUTPUT_VECTORS + 1) + input;
  let before{q} = before_step(at{q});
  var dw{q} = mat4x4f();  // column: class, row: input
  #end
  for (var sample = local; sample < current.size; sample += {THREADS}) {
    let x = select(activations[sample * OUTPUT_VECTORS + min(input, OUTPUT_VECTORS - 1)], BIAS_INPUT, is_bias);
    #for q in 0..CLASS_VECTORS
    let d{q} = output_gradient[sample * {CLASS_VECTORS} + {q}];
    dw{q} += mat4x4f(x * d{q}.x, x * d{q}.y, x * d{q}.z, x * d{q}.w);
    #end
  }
  #for q in 0..CLASS_VECTORS
  #for n in 0..4
  shared_vectors[{n} * SUM_PITCH + local] = dw{q}[{n}];
  #end
  add_up(4, local);
  let sum{q} = shared_vectors[class_of_four * SUM_PITCH];
  workgroupBarrier();
  #end
  if (local < 4) {
    #for q in 0..CLASS_VECTORS
    step_from(before{q}, at{q}, sum{q}, is_bias);
    #end
  }
}

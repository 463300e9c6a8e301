// fused update: an update of the last hidden layer updates the output layer too, from invocation OUTPUT_LAYER_FIRST on: one
// dispatch less, and work for processors that the last workgroups of the hidden layer leave idle. update.wgsl has the formula:
//   dZ [size, classes]                  in `output_gradient`
//   X  [size, outputs]                  in `activations`: what the hidden layer has put out
// Constants of the hidden layer have the names that parameters.wgsl gives them; the output layer's begin with
// OUTPUT_LAYER. One invocation computes 4 inputs of all CLASS_VECTORS x 4 classes; the one after the last inputs has the biases.
override OUTPUT_LAYER_FIRST: u32;
override OUTPUT_LAYER_OFFSET: u32;   // first vector of the output layer in the buffer of all parameters
var<storage, read> activations: array<vec4f>;
var<storage, read> output_gradient: array<vec4f>;

fn update_output_layer(input: u32, local: u32) {
  if (input > OUTPUT_VECTORS) { return; }
  let is_bias = input == OUTPUT_VECTORS;
  let x_offset = min(input, OUTPUT_VECTORS - 1);
  #for q in 0..CLASS_VECTORS
  var dw{q} = mat4x4f();  // column: class, row: input
  #end
  for (var sample = 0u; sample < current.size; sample++) {
    let x = select(activations[sample * OUTPUT_VECTORS + x_offset], BIAS_INPUT, is_bias);
    #for q in 0..CLASS_VECTORS
    let d{q} = output_gradient[sample * {CLASS_VECTORS} + {q}];
    dw{q} += mat4x4f(x * d{q}.x, x * d{q}.y, x * d{q}.z, x * d{q}.w);
    #end
  }
  var dw = array<mat4x4f, {CLASS_VECTORS}>(
  #for q in 0..CLASS_VECTORS
    dw{q},
  #end
  );
  for (var c = 0u; c < {CLASS_VECTORS} * 4; c++) {
    optimizer_step(OUTPUT_LAYER_OFFSET + c * (OUTPUT_VECTORS + 1) + input, dw[c / 4][c % 4], is_bias);
  }
}

// Weights of `fused_classifier`, loaded by each invocation: a column for each of 4 classes, that weighs 4 hidden neurons; vector
// OUTPUT_VECTORS has the biases.
fn classifier_weights(classes: u32, neurons: u32, lane: u32) -> mat4x4f {
  let row = OUTPUT_VECTORS + 1;
  let at = OUTPUT_LAYER_OFFSET + classes * 4 * row + neurons;
  return mat4x4f(parameters[at], parameters[at + row], parameters[at + 2 * row], parameters[at + 3 * row]);
}

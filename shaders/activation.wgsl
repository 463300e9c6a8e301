// Activations, each with its derivative beside it; ACTIVATION chooses one when the pipeline is made.
// The derivative is a function of the activation's output a, so that nothing but a has to be kept for the way back.
override ACTIVATION: u32;
const IDENTITY = 0u;
const SIGMOID = 1u;

// 1 / (1 + e^-z), by e^-|z| alone: it never overflows.
fn sigmoid(z: vec4f) -> vec4f {
  let t = exp(-abs(z));
  return select(vec4f(1), t, z < vec4f(0)) / (1 + t);
}
fn sigmoid_derivative(a: vec4f) -> vec4f { return a * (1 - a); }

fn activate(z: vec4f) -> vec4f {
  if (ACTIVATION == SIGMOID) { return sigmoid(z); }
  return z;
}
fn activation_derivative(a: vec4f) -> vec4f {
  if (ACTIVATION == SIGMOID) { return sigmoid_derivative(a); }
  return vec4f(1);
}

// Activations, each with its derivative beside it; ACTIVATION chooses one when the pipeline is made.
override ACTIVATION: u32;
const IDENTITY = 0u;
const SIGMOID = 1u;
const TANH = 2u;
const RELU = 3u;
const SILU = 4u;

// 1 / (1 + e^-z), by e^-|z| alone: it never overflows.
fn sigmoid(z: vec4f) -> vec4f {
  let t = exp(-abs(z));
  return select(vec4f(1), t, z < vec4f(0)) / (1 + t);
}

// The same for (e^z - e^-z) / (e^z + e^-z), for which WGSL's tanh may overflow.
fn hyperbolic_tangent(z: vec4f) -> vec4f {
  let t = exp(-2 * abs(z));
  return sign(z) * (1 - t) / (1 + t);
}

fn activate(z: vec4f) -> vec4f {
  if (ACTIVATION == SIGMOID) { return sigmoid(z); }
  if (ACTIVATION == TANH) { return hyperbolic_tangent(z); }
  if (ACTIVATION == RELU) { return max(z, vec4f(0)); }
  if (ACTIVATION == SILU) { return z * sigmoid(z); }
  return z;
}

// The derivative at z, where the activation is a.
fn activation_derivative(z: vec4f, a: vec4f) -> vec4f {
  if (ACTIVATION == SIGMOID) { return a * (1 - a); }
  if (ACTIVATION == TANH) { return 1 - a * a; }
  if (ACTIVATION == RELU) { return select(vec4f(0), vec4f(1), z > vec4f(0)); }
  if (ACTIVATION == SILU) { let s = sigmoid(z); return s + a * (1 - s); }
  return vec4f(1);
}

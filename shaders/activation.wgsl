// Activations, each with its derivative at z beside it, for which a = f(z) is known. The variant ACTIVATION is the name of
// the one that a kernel applies.

fn identity(z: vec4f) -> vec4f { return z; }
fn identity_derivative(z: vec4f, a: vec4f) -> vec4f { return vec4f(1); }

// 1 / (1 + e^-z), by e^-|z| alone: it never overflows.
fn sigmoid(z: vec4f) -> vec4f {
  let t = exp(-abs(z));
  return select(vec4f(1), t, z < vec4f(0)) / (1 + t);
}
fn sigmoid_derivative(z: vec4f, a: vec4f) -> vec4f { return a * (1 - a); }

// The same for (e^z - e^-z) / (e^z + e^-z), for which WGSL's tanh may overflow.
fn hyperbolic_tangent(z: vec4f) -> vec4f {
  let t = exp(-2 * abs(z));
  return sign(z) * (1 - t) / (1 + t);
}
fn hyperbolic_tangent_derivative(z: vec4f, a: vec4f) -> vec4f { return 1 - a * a; }

fn relu(z: vec4f) -> vec4f { return max(z, vec4f(0)); }
fn relu_derivative(z: vec4f, a: vec4f) -> vec4f { return select(vec4f(0), vec4f(1), z > vec4f(0)); }

fn silu(z: vec4f) -> vec4f { return z * sigmoid(z); }
fn silu_derivative(z: vec4f, a: vec4f) -> vec4f {
  let s = sigmoid(z);
  return s + a * (1 - s);
}

fn activate(z: vec4f) -> vec4f { return {ACTIVATION}(z); }
fn activation_derivative(z: vec4f, a: vec4f) -> vec4f { return {ACTIVATION}_derivative(z, a); }

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

fn gelu(z: vec4f) -> vec4f { return z * normal_below(z); }
fn gelu_derivative(z: vec4f, a: vec4f) -> vec4f { return normal_below(z) + z * 0.39894228 * exp(-0.5 * z * z); }

// The share of the standard normal distribution that lies below z: (1 + erf(z / √2)) / 2. In the form of Shepherd and Laframboise,
// "Chebyshev approximation of (1 + 2x) exp(x²) erfc x in 0 <= x < ∞" (Math. Comp. 36, 1981), with x = |z| / √2: the polynomial
// is fitted in t, which is -1 at 0 and 1 at infinity, to less than 1e-6 of the tail's share, and nothing cancels out.
fn normal_below(z: vec4f) -> vec4f {
  let t = (abs(z) - 3) / (abs(z) + 3);
  var p = -0.000500434311 * t - 0.000306407252;
  p = p * t + 0.00443804404;
  p = p * t + 0.000388384971;
  p = p * t - 0.0346077196;
  p = p * t + 0.0830285251;
  p = p * t - 0.0742894188;
  p = p * t - 0.0510158502;
  p = p * t + 0.637054145;
  let tail = exp(-0.5 * z * z) * p / (1 + 1.41421356 * abs(z));
  return select(tail, 1 - tail, z > vec4f(0));
}

fn leaky_relu(z: vec4f) -> vec4f { return max(z, 0.01 * z); }
fn leaky_relu_derivative(z: vec4f, a: vec4f) -> vec4f { return select(vec4f(0.01), vec4f(1), z > vec4f(0)); }

fn activate(z: vec4f) -> vec4f { return {ACTIVATION}(z); }
fn activation_derivative(z: vec4f, a: vec4f) -> vec4f { return {ACTIVATION}_derivative(z, a); }

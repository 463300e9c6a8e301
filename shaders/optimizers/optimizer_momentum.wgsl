// Momentum, as in PyTorch, and Nesterov's: with g = gradient + decay · w,
//   m = MOMENTUM · m + g,  w -= learning_rate · m   or   learning_rate · (g + MOMENTUM · m)
override MOMENTUM: f32;
override NESTEROV: bool;
var<storage, read_write> momentum: array<vec4f>;

fn optimized(at: u32, w: vec4f, gradient: vec4f, decay: f32) -> vec4f {
  let g = gradient + decay * w;
  let m = MOMENTUM * momentum[at] + g;
  momentum[at] = m;
  return w - current.learning_rate * select(m, g + MOMENTUM * m, NESTEROV);
}

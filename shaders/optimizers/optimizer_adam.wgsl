// Adam (Kingma and Ba, 2015), and AdamW (Loshchilov and Hutter, 2019), whose decay acts on w itself: with
// g = gradient + decay · w, or the gradient alone,
//   m = MOMENTUM · m + (1 - MOMENTUM) · g,  v = BETA2 · v + (1 - BETA2) · g²
//   w -= learning_rate · m / (1 - MOMENTUM^t) / (sqrt(v / (1 - BETA2^t)) + EPSILON)
override MOMENTUM: f32;
override BETA2: f32;
override EPSILON: f32;
override DECOUPLED: bool;
var<storage, read_write> momentum: array<vec4f>;
var<storage, read_write> second_moment: array<vec4f>;

fn optimized(at: u32, w: vec4f, gradient: vec4f, decay: f32) -> vec4f {
  let pull = decay * w;
  let g = select(gradient + pull, gradient, DECOUPLED);
  let m = MOMENTUM * momentum[at] + (1 - MOMENTUM) * g;
  let v = BETA2 * second_moment[at] + (1 - BETA2) * g * g;
  momentum[at] = m;
  second_moment[at] = v;
  let direction = m * current.momentum_correction / (sqrt(v * current.second_moment_correction) + EPSILON);
  return w - current.learning_rate * (direction + select(vec4f(0), pull, DECOUPLED));
}

// Adam (Kingma and Ba, 2015); with decoupled decay AdamW (Loshchilov and Hutter, 2019). With
//   m = MOMENTUM · m + (1 - MOMENTUM) · g,  v = BETA2 · v + (1 - BETA2) · g²
// the direction is m / (1 - MOMENTUM^t) / (sqrt(v / (1 - BETA2^t)) + EPSILON).
override MOMENTUM: f32;
override BETA2: f32;
override EPSILON: f32;
var<storage, read_write> momentum: array<vec4f>;
var<storage, read_write> second_moment: array<vec4f>;

fn direction(at: u32, g: vec4f) -> vec4f {
  let m = MOMENTUM * momentum[at] + (1 - MOMENTUM) * g;
  let v = BETA2 * second_moment[at] + (1 - BETA2) * g * g;
  momentum[at] = m;
  second_moment[at] = v;
  return m * current.momentum_correction / (sqrt(v * current.second_moment_correction) + EPSILON);
}

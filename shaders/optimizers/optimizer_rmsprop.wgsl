// RMSprop (Hinton, 2012), as in PyTorch: with v = BETA2 · v + (1 - BETA2) · g² the direction is g / (sqrt(v) + EPSILON).
override BETA2: f32;
override EPSILON: f32;
var<storage, read_write> second_moment: array<vec4f>;

fn direction(at: u32, g: vec4f) -> vec4f {
  let v = BETA2 * second_moment[at] + (1 - BETA2) * g * g;
  second_moment[at] = v;
  return g / (sqrt(v) + EPSILON);
}

// RMSprop (Hinton, 2012), as in PyTorch: with v = BETA2 · v + (1 - BETA2) · g² the direction is g / (sqrt(v) + EPSILON).
override BETA2: f32;
override EPSILON: f32;
var<storage, read_write> second_moment: array<vec4f>;
alias Memory = vec4f;
fn remembered(at: u32) -> Memory { return second_moment[at]; }
fn remember(at: u32, v: Memory) { second_moment[at] = v; }

fn direction(v: ptr<function, Memory>, g: vec4f) -> vec4f {
  *v = BETA2 * *v + (1 - BETA2) * g * g;
  return g / (sqrt(*v) + EPSILON);
}

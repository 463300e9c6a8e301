// Adam (Kingma and Ba, 2015); with decoupled decay AdamW (Loshchilov and Hutter, 2019). With
//   m = MOMENTUM · m + (1 - MOMENTUM) · g,  v = BETA2 · v + (1 - BETA2) · g²
// the direction is m / (1 - MOMENTUM^t) / (sqrt(v / (1 - BETA2^t)) + EPSILON).
override MOMENTUM: f32;
override BETA2: f32;
override EPSILON: f32;
var<storage, read_write> momentum: array<vec4f>;
var<storage, read_write> second_moment: array<vec4f>;
struct Memory {
  m: vec4f,
  v: vec4f,
}
fn remembered(at: u32) -> Memory { return Memory(momentum[at], second_moment[at]); }
fn remember(at: u32, memory: Memory) {
  momentum[at] = memory.m;
  second_moment[at] = memory.v;
}

fn direction(memory: ptr<function, Memory>, g: vec4f) -> vec4f {
  (*memory).m = MOMENTUM * (*memory).m + (1 - MOMENTUM) * g;
  (*memory).v = BETA2 * (*memory).v + (1 - BETA2) * g * g;
  return (*memory).m * current.momentum_correction / (sqrt((*memory).v * current.second_moment_correction) + EPSILON);
}

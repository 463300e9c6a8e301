// Nesterov's momentum, as in PyTorch: with m = MOMENTUM · m + g the direction is g + MOMENTUM · m.
override MOMENTUM: f32;
var<storage, read_write> momentum: array<vec4f>;

fn direction(at: u32, g: vec4f) -> vec4f {
  let m = MOMENTUM * momentum[at] + g;
  momentum[at] = m;
  return g + MOMENTUM * m;
}

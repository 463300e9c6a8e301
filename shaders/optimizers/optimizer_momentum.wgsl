// Momentum, as in PyTorch: m = MOMENTUM · m + g is the direction.
override MOMENTUM: f32;
var<storage, read_write> momentum: array<vec4f>;

fn direction(at: u32, g: vec4f) -> vec4f {
  let m = MOMENTUM * momentum[at] + g;
  momentum[at] = m;
  return m;
}

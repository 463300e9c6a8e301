// Lion (Chen et al., 2023): the direction is the sign of MOMENTUM · m + (1 - MOMENTUM) · g, and then
// m = BETA2 · m + (1 - BETA2) · g.
override MOMENTUM: f32;
override BETA2: f32;
var<storage, read_write> momentum: array<vec4f>;

fn direction(at: u32, g: vec4f) -> vec4f {
  let m = momentum[at];
  momentum[at] = BETA2 * m + (1 - BETA2) * g;
  return sign(MOMENTUM * m + (1 - MOMENTUM) * g);
}

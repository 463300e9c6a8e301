// Lion (Chen et al., 2023): the direction is the sign of MOMENTUM · m + (1 - MOMENTUM) · g, and then
// m = BETA2 · m + (1 - BETA2) · g.
override MOMENTUM: f32;
override BETA2: f32;
#include "kept_momentum.wgsl"

fn direction(m: ptr<function, Memory>, g: vec4f) -> vec4f {
  let before = *m;
  *m = BETA2 * before + (1 - BETA2) * g;
  return sign(MOMENTUM * before + (1 - MOMENTUM) * g);
}

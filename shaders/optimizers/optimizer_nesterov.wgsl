// Nesterov's momentum, as in PyTorch: with m = MOMENTUM · m + g the direction is g + MOMENTUM · m.
override MOMENTUM: f32;
#include "kept_momentum.wgsl"

fn direction(m: ptr<function, Memory>, g: vec4f) -> vec4f {
  *m = MOMENTUM * *m + g;
  return g + MOMENTUM * *m;
}

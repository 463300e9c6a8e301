// Momentum, as in PyTorch: m = MOMENTUM · m + g is the direction.
override MOMENTUM: f32;
#include "kept_momentum.wgsl"

fn direction(m: ptr<function, Memory>, g: vec4f) -> vec4f {
  *m = MOMENTUM * *m + g;
  return *m;
}

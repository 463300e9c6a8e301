// One step of the optimizer for 4 parameters beside each other, `at` in `parameters`, given their gradient: the variants
// OPTIMIZER and AVERAGE say which, and what state is kept beside the parameters. Weight decay is for weights.
override WEIGHT_DECAY: f32;
#include "optimizer_{OPTIMIZER}.wgsl"
#include "average_{AVERAGE}.wgsl"

fn optimizer_step(at: u32, gradient: vec4f, is_bias: bool) {
  let updated = optimized(at, parameters[at], gradient, select(WEIGHT_DECAY, 0, is_bias));
  parameters[at] = updated;
  follow(at, updated);
}

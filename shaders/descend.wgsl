// One step of the optimizer for 4 parameters beside each other, `at` in `parameters`, given their gradient: the variants
// OPTIMIZER and AVERAGE say which, what is remembered beside the parameters, and whether they let parameters rest (..._RESTS)
// whose gradient is zero. Weight decay is for weights.
override WEIGHT_DECAY: f32;
#include "optimizer_{OPTIMIZER}.wgsl"
#include "average_{AVERAGE}.wgsl"

// Whether parameters whose gradient is zero stay as they are.
fn rests_without_gradient() -> bool { return OPTIMIZER_RESTS && AVERAGE_RESTS && WEIGHT_DECAY == 0; }

fn descend(at: u32, gradient: vec4f, is_bias: bool) {
  let updated = optimized(at, parameters[at], gradient, select(WEIGHT_DECAY, 0, is_bias));
  parameters[at] = updated;
  follow(at, updated);
}

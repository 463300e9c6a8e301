// One step of the optimizer for 4 parameters beside each other, `at` in `parameters`, given their gradient: with the direction
// that the variant OPTIMIZER takes, w -= learning_rate · direction(gradient + decay · w), or, if the decay is decoupled,
// w -= learning_rate · (direction(gradient) + decay · w). Weight decay is for weights. The variant AVERAGE says whether a
// moving average follows.
override WEIGHT_DECAY: f32;
override DECOUPLED_DECAY: bool;
#include "optimizer_{OPTIMIZER}.wgsl"
#include "average_{AVERAGE}.wgsl"

// All that a step loads, so that whoever takes several can load before the first one stores.
struct Before {
  w: vec4f,
  memory: Memory,
  average: vec4f,
}
fn before_step(at: u32) -> Before { return Before(parameters[at], remembered(at), average_at(at)); }

fn step_from(before: Before, at: u32, gradient: vec4f, is_bias: bool) {
  let decay = select(WEIGHT_DECAY, 0, is_bias) * before.w;
  var memory = before.memory;
  let step = direction(&memory, select(gradient + decay, gradient, DECOUPLED_DECAY));
  let updated = before.w - current.learning_rate * (step + select(vec4f(0), decay, DECOUPLED_DECAY));
  parameters[at] = updated;
  remember(at, memory);
  follow(at, before.average, updated);
}

fn optimizer_step(at: u32, gradient: vec4f, is_bias: bool) { step_from(before_step(at), at, gradient, is_bias); }

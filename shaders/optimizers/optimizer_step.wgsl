// One step of the optimizer for 4 parameters beside each other, `at` in `parameters`, given their gradient: with the direction
// that the variant OPTIMIZER takes, w -= learning_rate · direction(gradient + decay · w), or, if the decay is decoupled,
// w -= learning_rate · (direction(gradient) + decay · w). Weight decay is for weights. The variant AVERAGE says whether a
// moving average follows.
override WEIGHT_DECAY: f32;
override DECOUPLED_DECAY: bool;
#include "optimizer_{OPTIMIZER}.wgsl"
#include "average_{AVERAGE}.wgsl"

fn optimizer_step(at: u32, gradient: vec4f, is_bias: bool) {
  let w = parameters[at];
  let decay = select(WEIGHT_DECAY, 0, is_bias) * w;
  let step = direction(at, select(gradient + decay, gradient, DECOUPLED_DECAY));
  let updated = w - current.learning_rate * (step + select(vec4f(0), decay, DECOUPLED_DECAY));
  parameters[at] = updated;
  follow(at, updated);
}

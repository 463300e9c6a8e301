// Dropout: factors of 4 numbers beside each other, 0 for those that are left out, 1 / (1 - probability) for the others.
#include "random.wgsl"
override DROPOUT_THRESHOLD: u32;   // probability · 2^32: a number is kept if what is drawn for it is not below; 0: all are
override DROPOUT_SCALE: f32;       // 1 / (1 - probability)

fn dropout_factors(stream: u32, index: u32) -> vec4f {
  if (DROPOUT_THRESHOLD == 0) { return vec4f(1); }
  return select(vec4f(0), vec4f(DROPOUT_SCALE), draw(stream, index) >= vec4u(DROPOUT_THRESHOLD));
}

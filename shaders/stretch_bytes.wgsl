// What input_bytes says, a stretch at a time.
#include "stretch.wgsl"
@group(0) @binding(0) var<storage, read> images: array<array<u32, {VECTORS}>>;
@group(0) @binding(1) var<storage, read> order: array<u32>;

fn input_row(sample: u32) -> u32 { return order[current.first + sample] * STRETCHES; }

fn input_stretch(index: u32) -> array<vec4f, {VECTORS}> {
  let words = images[index];
  return array<vec4f, {VECTORS}>(
    #for k in 0..VECTORS
    pixels(words[{k}]),
    #end
  );
}

// Four pixels in units of INPUT_UNITS. A vector unit converts signed numbers in one instruction, unsigned ones in ten, and
// shifts lane by lane: so three bytes are converted where they are, and only the top one, which would be a sign, is moved.
const INPUT_UNITS = vec4f(vec3f(1, 1f / 0x100, 1f / 0x10000) / 255, 1);
fn pixels(word: u32) -> vec4f {
  return vec4f(vec3f(vec3i(i32(word)) & vec3i(0xff, 0xff00, 0xff0000)), unpack4x8unorm(word).w);
}

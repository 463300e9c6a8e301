// The first layer's input X [batch, inputs], a stretch at a time: images as bytes / 255. Most pixels of most images are zero,
// and add nothing to a sum: a part of a row goes through those samples only that have ink in it.
#include "stretch.wgsl"
@group(0) @binding(0) var<storage, read> images: array<array<u32, {VECTORS}>>;
@group(0) @binding(1) var<storage, read> rows: array<Row>;   // `at` in images
@group(0) @binding(9) var<storage, read> ink: array<Ink>;

// What of a part has ink in the mini-batch.
struct Ink {
  samples: u32,
  vectors: u32,   // of each stretch: the first ones
}
fn inked_samples(part: u32) -> u32 { return ink[current.first * PARTS + part].samples; }
fn inked_vectors(part: u32) -> u32 { return ink[current.first * PARTS + part].vectors; }

// The i-th sample of the mini-batch in the order of a part: first those that have ink there.
fn input_row(part: u32, i: u32) -> Row {
  let row = rows[current.first * PARTS + part * current.size + i];
  return Row(row.sample, row.at * STRETCHES, row.sums);
}

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

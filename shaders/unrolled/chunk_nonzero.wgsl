// The first layer's input X [batch, inputs], a chunk at a time: images as bytes / 255. Most pixels of most images are zero,
// and add nothing to a sum: a slice of a row goes through those samples only that are nonzero in it. Images lie in a pixel
// permutation in which whole slices are zero as often as can be; weights do not.
#include "chunk.wgsl"
var<storage, read> images: array<array<u32, {VECTORS}>>;
var<storage, read> sorted: array<Row>;   // `at` in images
var<storage, read> nonzero: array<u32>;  // the permutation [INPUT_VECTORS]; the extents of what is nonzero [positions, SLICES, 2]

// Which vector of a row of weights belongs to a vector of a row of pixels.
fn weight_vector(vector: u32) -> u32 { return nonzero[vector]; }

// In a slice of the mini-batch the first samples are nonzero, and of each chunk the first vectors.
fn nonzero_extent(slice: u32) -> u32 { return INPUT_VECTORS + (current.first * SLICES + slice) * 2; }
fn nonzero_samples(slice: u32) -> u32 { return nonzero[nonzero_extent(slice)]; }
fn nonzero_vectors(slice: u32) -> u32 { return nonzero[nonzero_extent(slice) + 1]; }

// The i-th sample of the mini-batch in the order of a slice: first those that are nonzero there.
fn input_row(slice: u32, i: u32) -> Row {
  let row = sorted[current.first * SLICES + slice * current.size + i];
  return Row(row.sample, row.at * CHUNKS);
}

fn input_chunk(index: u32) -> array<vec4f, {VECTORS}> {
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

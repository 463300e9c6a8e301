// What input_floats says, a chunk at a time; also the rows dZ of backward_unrolled. None is taken to be zero.
#include "chunk.wgsl"
var<storage, read> inputs: array<array<vec4f, {VECTORS}>>;

fn weight_vector(vector: u32) -> u32 { return vector; }
fn nonzero_samples(slice: u32) -> u32 { return current.size; }
fn nonzero_vectors(slice: u32) -> u32 { return {VECTORS}; }
// Samples beyond the last one repeat it: behind a network's rows lie those of the next, where NaN times zero would be NaN.
fn input_row(slice: u32, i: u32) -> Row { return Row(i, min(i, current.size - 1) * CHUNKS); }
fn input_chunk(index: u32) -> array<vec4f, {VECTORS}> { return inputs[index]; }
const INPUT_UNITS = vec4f(1);

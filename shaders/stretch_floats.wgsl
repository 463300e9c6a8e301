// What input_floats says, a stretch at a time; also the rows dZ of backward_unrolled. None is taken to be blank.
#include "stretch.wgsl"
@group(0) @binding(0) var<storage, read> inputs: array<array<vec4f, {VECTORS}>>;

fn inked_samples(part: u32) -> u32 { return current.size; }
fn inked_vectors(part: u32) -> u32 { return {VECTORS}; }
fn input_row(part: u32, i: u32) -> Row { return Row(i, i * STRETCHES, i * PARTS + part); }
fn input_stretch(index: u32) -> array<vec4f, {VECTORS}> { return inputs[index]; }
const INPUT_UNITS = vec4f(1);

// What input_floats says, a stretch at a time; also the rows dZ of backward_unrolled.
#include "stretch.wgsl"
@group(0) @binding(0) var<storage, read> inputs: array<array<vec4f, {VECTORS}>>;

fn input_row(sample: u32) -> u32 { return sample * STRETCHES; }
fn input_stretch(index: u32) -> array<vec4f, {VECTORS}> { return inputs[index]; }
const INPUT_UNITS = vec4f(1);

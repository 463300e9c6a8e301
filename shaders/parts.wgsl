// Sums that were computed in parts, each part over some of the inputs: Z [batch, parts, outputs] in `partials`.
override PARTS: u32;

// Part `part` of the sums of 4 neurons for one sample.
fn partial(sample: u32, part: u32, neurons: u32) -> vec4f {
  return partials[(sample * PARTS + part) * OUTPUT_VECTORS + neurons];
}

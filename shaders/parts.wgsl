// Sums that were computed in parts, each part over some of the inputs: Z [batch, parts, outputs] in `partials`.
override PARTS: u32;

// What 4 neurons put out for one sample: activation(sum over parts + bias), by outputs_training or outputs_inference.
fn outputs_from_parts(sample: u32, neurons: u32, biases: vec4f) -> vec4f {
  var z = biases;
  for (var part = 0u; part < PARTS; part++) { z += partials[(sample * PARTS + part) * OUTPUT_VECTORS + neurons]; }
  return outputs_of(sample, neurons, z);
}

// Sums that were computed in parts, each part over some of the inputs: Z [batch, parts, outputs] in `partials`.
override PARTS: u32;

// What 4 neurons put out for one sample: activation(sum over parts + bias), by outputs_training or outputs_inference.
fn outputs_from_parts(sample: u32, neurons: u32) -> vec4f {
  var z = vec4f(bias(neurons * 4), bias(neurons * 4 + 1), bias(neurons * 4 + 2), bias(neurons * 4 + 3));
  for (var part = 0u; part < PARTS; part++) { z += partials[(sample * PARTS + part) * OUTPUT_VECTORS + neurons]; }
  return outputs_of(sample, neurons, z);
}

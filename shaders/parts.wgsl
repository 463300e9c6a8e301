// Sums that were computed in parts, each part over some of the inputs: Z [batch, parts, outputs] in `partials`.
override PARTS: u32;
override OUTPUTS: u32;

// Activations of 4 neurons for one sample: activation(sum over parts + bias), zero beyond the layer's neurons.
fn activation_of(sample: u32, neurons: u32) -> vec4f {
  var z = vec4f(bias(neurons * 4), bias(neurons * 4 + 1), bias(neurons * 4 + 2), bias(neurons * 4 + 3));
  for (var part = 0u; part < PARTS; part++) { z += partials[(sample * PARTS + part) * OUTPUT_VECTORS + neurons]; }
  let exists = neurons * 4 + vec4u(0, 1, 2, 3) < vec4u(OUTPUTS);
  return select(vec4f(0), activate(z), exists);
}

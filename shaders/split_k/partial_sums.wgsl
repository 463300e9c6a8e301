// Partial sums of a split-K product: its inner dimension, the inputs, is cut into slices, and Z [batch, slices, outputs] in
// `partials` has the sums over each. They are added up for SAMPLES samples at once.
override SLICES: u32;
alias Samples = array<u32, {SAMPLES}>;

// The samples from `first` on. Beyond the mini-batch it is the last one again: what is written twice is the same.
fn samples_from(first: u32) -> Samples {
  return Samples(
    #for s in 0..SAMPLES
    min(first + {s}, current.size - 1),
    #end
  );
}

// What 4 neurons put out for each sample: activation(sum over slices + bias), by outputs_training or outputs_inference.
fn outputs_from_partials(samples: Samples, neurons: u32) -> array<vec4f, {SAMPLES}> {
  let b = biases(neurons);
  #for s in 0..SAMPLES
  var z{s} = b;
  #end
  for (var slice = 0u; slice < SLICES; slice++) {
    #for s in 0..SAMPLES
    z{s} += partials[(samples[{s}] * SLICES + slice) * OUTPUT_VECTORS + neurons];
    #end
  }
  return array<vec4f, {SAMPLES}>(
    #for s in 0..SAMPLES
    outputs_of(samples[{s}], neurons, z{s}),
    #end
  );
}

// Partial sums of a split-K product: its inner dimension, the inputs, is cut into slices, and Z [batch, slices, outputs] in
// `partials` has the sums over each. They are added up for SAMPLES samples at once, TOGETHER slices loaded before they are used;
// REST of them are left in the end.
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
  let at{s} = samples[{s}] * SLICES * OUTPUT_VECTORS + neurons;
  var z{s} = b;
  #end
  var slice = 0u;
  for (; slice < SLICES - {REST}; slice += {TOGETHER}) {
    #for i in 0..TOGETHER
    #for s in 0..SAMPLES
    let p{s}_{i} = partials[at{s} + (slice + {i}) * OUTPUT_VECTORS];
    #end
    #end
    #for i in 0..TOGETHER
    #for s in 0..SAMPLES
    z{s} += p{s}_{i};
    #end
    #end
  }
  #for i in 0..REST
  #for s in 0..SAMPLES
  let rest{s}_{i} = partials[at{s} + (slice + {i}) * OUTPUT_VECTORS];
  #end
  #end
  #for i in 0..REST
  #for s in 0..SAMPLES
  z{s} += rest{s}_{i};
  #end
  #end
  return array<vec4f, {SAMPLES}>(
    #for s in 0..SAMPLES
    outputs_of(samples[{s}], neurons, z{s}),
    #end
  );
}

// Sums that were computed in parts, each part over some of the inputs: Z [batch, parts, outputs] in `partials`. They are added
// up for SAMPLES samples at once. The variant SUMMED says how many parts of a sample there are: the first ones.
#include "parts_{SUMMED}.wgsl"
override PARTS: u32;
alias Samples = array<u32, {SAMPLES}>;

// The samples from `first` on. Beyond the mini-batch it is the last one again: what is written twice is the same.
fn samples_from(first: u32) -> Samples {
  return Samples(
    #for s in 0..SAMPLES
    min(first + {s}, current.size - 1),
    #end
  );
}

// What 4 neurons put out for each sample: activation(sum over parts + bias), by outputs_training or outputs_inference.
fn outputs_from_parts(samples: Samples, neurons: u32) -> array<vec4f, {SAMPLES}> {
  let b = biases(neurons);
  var most = 0u;
  #for s in 0..SAMPLES
  var z{s} = b;
  let parts{s} = parts_of(samples[{s}]);
  most = max(most, parts{s});
  #end
  for (var part = 0u; part < most; part++) {
    #for s in 0..SAMPLES
    let z{s}_part = partials[(samples[{s}] * PARTS + part) * OUTPUT_VECTORS + neurons];
    z{s} += select(vec4f(0), z{s}_part, part < parts{s});
    #end
  }
  return array<vec4f, {SAMPLES}>(
    #for s in 0..SAMPLES
    outputs_of(samples[{s}], neurons, z{s}),
    #end
  );
}

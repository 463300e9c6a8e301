// Sums of whole rows, of forward: A = activation(sums + b) into `outputs` [batch, outputs]; in training with dropout and
// derivatives (variant MODE).
#include "outputs_{MODE}.wgsl"
var<storage, read_write> outputs: array<vec4f>;

fn finish(samples: u32, neurons: u32, slice: u32, sums: mat4x4f) {
  if (neurons >= OUTPUT_VECTORS) { return; }
  let b = biases(neurons);
  #for s in 0..4
  if (samples * 4 + {s} < current.size) {
    outputs[(samples * 4 + {s}) * OUTPUT_VECTORS + neurons] = outputs_of(samples * 4 + {s}, neurons, sums[{s}] + b);
  }
  #end
}

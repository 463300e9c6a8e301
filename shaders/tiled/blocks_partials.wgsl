// Partial sums, of one slice of the terms each, into `partials` [batch, slices, results], rows padded to whole vectors: another
// kernel adds them up and goes on from there.
override RESULT_VECTORS: u32;
var<storage, read_write> partials: array<vec4f>;

fn finish(samples: u32, results: u32, slice: u32, sums: mat4x4f) {
  if (results >= RESULT_VECTORS) { return; }
  #for s in 0..4
  if (samples * 4 + {s} < current.size) {
    partials[((samples * 4 + {s}) * SLICES + slice) * RESULT_VECTORS + results] = sums[{s}];
  }
  #end
}

// Partial sums, of one slice of a row each, into `partials` [batch, slices, results], rows padded to whole vectors: another
// kernel adds them up and goes on from there.
var<storage, read_write> partials: array<vec4f>;

fn beginning(results: u32) -> vec4f { return vec4f(0); }
fn finish(sample: u32, slice: u32, results: u32, sums: vec4f) {
  partials[(sample * SLICES + slice) * RESULT_VECTORS + results] = sums;
}

// Sums of one part of a row each: into `partials` [batch, parts, results], rows padded to whole vectors. Another kernel adds
// the parts up and goes on from there.
@group(0) @binding(3) var<storage, read_write> partials: array<vec4f>;

fn beginning(results: u32) -> vec4f { return vec4f(0); }
fn finish(sample: u32, part: u32, results: u32, sums: vec4f) {
  partials[(sample * PARTS + part) * RESULT_VECTORS + results] = sums;
}

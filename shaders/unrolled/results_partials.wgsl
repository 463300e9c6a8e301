// Partial sums, of one slice of a row each, into `partials` [batch, slices, results], rows padded to whole vectors: another
// kernel adds them up and goes on from there. Slices of zeros have none: a sample's nonzero slices come first.
var<storage, read_write> partials: array<vec4f>;

const ZEROS_TOO = false;
fn beginning(results: u32) -> vec4f { return vec4f(0); }
fn finish(row: Row, results: u32, sums: vec4f) { partials[row.sums * RESULT_VECTORS + results] = sums; }

// Sums of one part of a row each: into `partials` [batch, parts, results], rows padded to whole vectors. Another kernel adds
// the parts up and goes on from there. Of blank parts there are none: the first sums of a sample are those of parts with ink.
@group(0) @binding(3) var<storage, read_write> partials: array<vec4f>;

const BLANK_TOO = false;
fn beginning(results: u32) -> vec4f { return vec4f(0); }
fn finish(row: Row, results: u32, sums: vec4f) { partials[row.sums * RESULT_VECTORS + results] = sums; }

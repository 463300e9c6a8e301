// The exponential moving average of the parameters, which evaluations use, follows them.
var<storage, read_write> average: array<vec4f>;

fn follow(at: u32, w: vec4f) {
  let before = average[at];
  average[at] = before + current.average_share * (w - before);
}

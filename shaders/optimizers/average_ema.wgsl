// The exponential moving average of the parameters, which evaluations use, follows them.
var<storage, read_write> average: array<vec4f>;

fn average_at(at: u32) -> vec4f { return average[at]; }
fn follow(at: u32, before: vec4f, w: vec4f) { average[at] = before + current.average_share * (w - before); }

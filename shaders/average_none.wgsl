// No average of the parameters is kept.
const AVERAGE_RESTS = true;
fn follow(at: u32, w: vec4f) {}

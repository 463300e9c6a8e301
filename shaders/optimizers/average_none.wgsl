// No average of the parameters is kept.
fn follow(at: u32, w: vec4f) {}

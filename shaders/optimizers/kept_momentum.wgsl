// What optimizers remember that keep one average, `momentum`.
var<storage, read_write> momentum: array<vec4f>;
alias Memory = vec4f;
fn remembered(at: u32) -> Memory { return momentum[at]; }
fn remember(at: u32, m: Memory) { momentum[at] = m; }

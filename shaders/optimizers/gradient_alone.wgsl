// In place of an optimizer's step: the gradient itself. `parameters` is then a buffer of gradients, laid out like them.
fn optimizer_step(at: u32, gradient: vec4f, is_bias: bool) { parameters[at] = gradient; }

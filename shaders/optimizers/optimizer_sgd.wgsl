// Stochastic gradient descent: w -= learning_rate · (g + decay · w).
fn optimized(at: u32, w: vec4f, gradient: vec4f, decay: f32) -> vec4f {
  return w - current.learning_rate * (gradient + decay * w);
}

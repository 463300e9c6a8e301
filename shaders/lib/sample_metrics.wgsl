// What a sample's forward pass came to. Every sample of an epoch has a slot of its own, at its position in the order:
// no atomics, and sums in a fixed order.
struct SampleMetrics {
  loss: f32,         // cross-entropy, in nats
  prediction: u32,   // class with the largest logit
}

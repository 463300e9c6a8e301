// What a sample's forward pass came to. Every sample of a submission has a slot of its own, at its position among
// those whose images are there (of an epoch, or of a window of it): no atomics, and sums in a fixed order.
struct SampleMetrics {
  loss: f32,         // cross-entropy, in nats
  prediction: u32,   // class with the largest logit
}

// What softmax and loss share. The shader that includes this says where the logits z [batch, classes] lie, by a function
// logit(sample, class_index). Subtracting the row's maximum keeps every exponential at most 1, whatever the logits.
override CLASSES: u32;
override CLASS_VECTORS: u32;   // ceil(classes / 4): rows are padded to whole vectors

// Where a class's number lies in an array of padded rows.
fn class_at(sample: u32, class_index: u32) -> u32 { return sample * CLASS_VECTORS * 4 + class_index; }

// The class with the largest logit, the lowest of equals.
fn predicted_class(sample: u32) -> u32 {
  var best = 0u;
  for (var c = 1u; c < CLASSES; c++) {
    if (logit(sample, c) > logit(sample, best)) { best = c; }
  }
  return best;
}

// sum over classes of e^(z - maximum)
fn sum_of_exponentials(sample: u32, maximum: f32) -> f32 {
  var sum = 0f;
  for (var c = 0u; c < CLASSES; c++) { sum += exp(logit(sample, c) - maximum); }
  return sum;
}

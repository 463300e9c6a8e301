// Sums in parts of which every sample has all.
fn parts_of(sample: u32) -> u32 { return PARTS; }

// Sums of those parts of an image that are not blank.
@group(0) @binding(9) var<storage, read> inked_parts: array<u32>;   // by position in the epoch's order

fn parts_of(sample: u32) -> u32 { return inked_parts[current.first + sample]; }

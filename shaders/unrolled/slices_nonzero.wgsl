// A sample has partial sums of those slices of its image that have a nonzero pixel.
var<storage, read> nonzero_slices: array<u32>;   // how many: by position in the epoch's order

fn slices_of(sample: u32) -> u32 { return nonzero_slices[current.first + sample]; }

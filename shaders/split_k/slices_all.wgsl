// Every sample has a partial sum of every slice.
fn slices_of(sample: u32) -> u32 { return SLICES; }

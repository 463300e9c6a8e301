// A row of numbers, read a chunk of VECTORS x 4 at a time. What a load costs on a software adapter is mostly finding
// the buffer and the bounds: once a chunk instead of once a vector. The four invocations of a quad have a chunk each.
// What is read is in units of INPUT_UNITS, by which whoever has summed up its products multiplies, or its weights before.
override CHUNKS: u32;   // in a row
override SLICES: u32;   // of a row: what a quad has of it

// The chunk of invocation `lane` of the quad that has slice `slice` of a row. Beyond the row it is the last one again, so
// that all an invocation reads is its own row; `has_chunk` says which it is.
fn chunk_of(slice: u32, lane: u32) -> u32 { return min(slice * 4 + lane, CHUNKS - 1); }
fn has_chunk(slice: u32, lane: u32) -> bool { return slice * 4 + lane < CHUNKS; }

// A sample of the mini-batch, and where its row is, in chunks.
struct Row {
  sample: u32,
  at: u32,
}

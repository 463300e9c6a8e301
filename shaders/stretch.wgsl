// A row of numbers, read a stretch of VECTORS x 4 at a time. What a load costs on a software adapter is mostly finding
// the buffer and the bounds: once a stretch instead of once a vector. The four invocations of a quad have a stretch each.
// What is read is in units of INPUT_UNITS, by which whoever has summed up its products multiplies, or its weights before.
override STRETCHES: u32;   // in a row
override PARTS: u32;       // quads that it takes for a row

// The stretch of invocation `lane` of the quad that has part `part` of a row. Beyond the row it is the last one again, so
// that all an invocation reads is its own row; `has_stretch` says which it is.
fn stretch_of(part: u32, lane: u32) -> u32 { return min(part * 4 + lane, STRETCHES - 1); }
fn has_stretch(part: u32, lane: u32) -> bool { return part * 4 + lane < STRETCHES; }

// A sample, where its row is, and where the sums of the part go that is asked for.
struct Row {
  sample: u32,   // in the mini-batch
  at: u32,       // in stretches
  sums: u32,     // in rows of partial sums
}

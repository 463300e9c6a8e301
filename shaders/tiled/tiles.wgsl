// Products of matrices by tiles in workgroup memory, for GPUs: what forward_tiled, backward_tiled and update_tiled share.
//   C [rows, columns] = sum over terms of A [rows, terms] x B [columns, terms]
// Rows, columns and terms are counted in vectors of four. A workgroup computes a tile of C, row_width x column_width; an
// invocation REACH x REACH blocks of 4 x 4 numbers of it. Of A and B it loads blocks too, of 4 rows or columns and 4 terms, and
// puts them into workgroup memory term by term, so that all products read it alike, whichever way a matrix lies in memory. DEPTH
// vectors of terms are there at a time; the next ones are loaded while they are multiplied, and where those after them lie is
// looked up. Who includes this says of A (`row`) and B (`column`):
//   row_along                          whether vectors in memory lie along the terms, or across
//   row_start(rows)                    what does not depend on the terms of where 4 rows lie
//   row_places(start, terms)           where a block's four vectors lie
//   row_block(start, at, terms, end)   the block: column j has term j of the 4 rows; zeros from term `end` on, in A or in B
//   finish(rows, columns, slice, sums)   what is done with a block of C: column i has row i
const DEPTH = {DEPTH}u;
const ALONG = {ALONG}u;     // invocations along rows
const ACROSS = {ACROSS}u;   // across columns
const THREADS = ALONG * ACROSS;
const row_width = ALONG * {REACH};
const column_width = ACROSS * {REACH};
#for o in row column
// What lies in workgroup memory beyond DEPTH is there only for every invocation to have a block to load.
const {o}_terms = max(DEPTH, THREADS / {o}_width);
// Blocks that are written at once, beside each other in memory, go to different banks.
const {o}_pitch = 4 * {o}_width + 8 / DEPTH;
const {o}_vectors = {o}_terms * {o}_pitch;
#end
// The tile of A, then that of B.
var<workgroup> shared_vectors: array<vec4f, row_vectors + column_vectors>;
const row_tile = 0u;
const column_tile = row_vectors;

// Of which rows or columns, and of which terms, a block of a tile is: blocks beside each other in memory go to invocations beside
// each other.
fn along(index: u32, terms: u32) -> vec2u { return vec2u(index / terms, index % terms); }
fn across(index: u32, width: u32) -> vec2u { return vec2u(index % width, index / width); }

// A block of which nothing counts unless it is `inside`.
fn block_within(loaded: mat4x4f, inside: bool) -> mat4x4f {
  return mat4x4f(select(vec4f(0), loaded[0], inside), select(vec4f(0), loaded[1], inside),
                 select(vec4f(0), loaded[2], inside), select(vec4f(0), loaded[3], inside));
}

// Computes the tile of C that begins at `first_row` and `first_column`, over the terms of slice `slice`, from `first` to `end`.
fn products(first_row: u32, first_column: u32, slice: u32, first: u32, end: u32, local: u32) {
  #for o in row column
  #for i in 0..{o}_loads
  let {o}_own{i} = select(across(local + {i} * THREADS, {o}_width), along(local + {i} * THREADS, {o}_terms), {o}_along);
  let {o}_to{i} = {o}_tile + {o}_own{i}.y * {o}_pitch + {o}_own{i}.x;
  let {o}_start{i} = {o}_start(first_{o} + {o}_own{i}.x);
  var {o}_at{i} = {o}_places({o}_start{i}, first + {o}_own{i}.y);
  #end
  #end
  #for o in row column
  #for i in 0..{o}_loads
  var {o}{i} = {o}_block({o}_start{i}, {o}_at{i}, first + {o}_own{i}.y, end);
  {o}_at{i} = {o}_places({o}_start{i}, first + DEPTH + {o}_own{i}.y);
  #end
  #end
  #for r in 0..REACH
  #for c in 0..REACH
  var z{r}{c} = mat4x4f();
  #end
  #end
  let row_own = local / ACROSS % ALONG;   // % is for compilers: no index can be out of bounds
  let column_own = local % ACROSS;
  for (var terms = first; terms < end; terms += DEPTH) {
    #for o in row column
    #for i in 0..{o}_loads
    #for j in 0..4
    shared_vectors[{o}_to{i} + {j} * {o}_width] = {o}{i}[{j}];
    #end
    #end
    #end
    workgroupBarrier();
    #for o in row column
    #for i in 0..{o}_loads
    {o}{i} = {o}_block({o}_start{i}, {o}_at{i}, terms + DEPTH + {o}_own{i}.y, end);
    {o}_at{i} = {o}_places({o}_start{i}, terms + 2 * DEPTH + {o}_own{i}.y);
    #end
    #end
    for (var k = 0u; k < DEPTH; k++) {
      #for j in 0..4
      #for r in 0..REACH
      let a{j}{r} = shared_vectors[row_tile + k * row_pitch + {j} * row_width + {r} * ALONG + row_own];
      let b{j}{r} = shared_vectors[column_tile + k * column_pitch + {j} * column_width + {r} * ACROSS + column_own];
      #end
      #for r in 0..REACH
      #for c in 0..REACH
      z{r}{c} += mat4x4f(b{j}{c} * a{j}{r}.x, b{j}{c} * a{j}{r}.y, b{j}{c} * a{j}{r}.z, b{j}{c} * a{j}{r}.w);
      #end
      #end
      #end
    }
    workgroupBarrier();
  }
  #for r in 0..REACH
  #for c in 0..REACH
  finish(first_row + {r} * ALONG + row_own, first_column + {c} * ACROSS + column_own, slice, z{r}{c});
  #end
  #end
}

// The products of a mini-batch's rows with a matrix of weights: what forward_unrolled and backward_unrolled share. They say
// where rows and weights lie, and what becomes of the sums:
//   nonzero_samples(slice), nonzero_vectors(slice), input_row(slice, i), input_chunk(row.at + chunk)    as chunk_nonzero says
//   weight_vector(vector)                             which vector of weights belongs to a vector of a row
//   INPUT_UNITS                                       what the numbers of a chunk are to be multiplied by
//   weights(results, vector)                          4 x 4 weights: columns are 4 results, rows what they weigh
//   beginning(results), finish(sample, slice, results, sums)   what is added to 4 sums, and what is done with them
// For adapters on which a load costs as much as ten multiply-adds. One invocation keeps the weights of RESULTS results and
// of a chunk of a row in registers while it runs through a block of samples: a load of the chunk feeds
// RESULTS x VECTORS x 4 multiply-adds. The four of a quad have the same results and different chunks, and add up.
// The results are GROUPS vectors of four, of which N0, N1 ... exist: all, but for a layer that is one block. Each of the quad
// gets the sums of one in SETS.
#include "quad.wgsl"
override RESULT_VECTORS: u32;
override BLOCKS: u32;           // blocks of results
override BLOCK_SAMPLES: u32;    // samples that one invocation runs through

fn scaled(columns: mat4x4f, by: vec4f) -> mat4x4f {
  return mat4x4f(columns[0] * by, columns[1] * by, columns[2] * by, columns[3] * by);
}

// Computes one slice of the rows for one block of results and one block of samples, a quad each. Neighbouring quads share a
// slice, and with it how many samples are nonzero. Quads past the last one begin past the last sample: they do nothing.
fn products(invocation: u32) {
  let lane = invocation % 4;
  let quad = invocation / 4;
  let group = quad % BLOCKS * {GROUPS};
  let slice = quad / BLOCKS % SLICES;
  let first = quad / BLOCKS / SLICES * BLOCK_SAMPLES;
  let end = min(first + BLOCK_SAMPLES, current.size);
  let nonzero_end = min(end, nonzero_samples(slice));
  let chunk = chunk_of(slice, lane);
  let units = select(vec4f(0), INPUT_UNITS, has_chunk(slice, lane));
  var loaded = array<mat4x4f, {GROUPS} * {VECTORS}>();   // in a loop, whose text is short, and then to registers
  for (var k = 0u; k < nonzero_vectors(slice); k++) {
    let vector = weight_vector(chunk * {VECTORS} + k);
    for (var g = 0u; g < {GROUPS}; g++) { loaded[k * {GROUPS} + g] = scaled(weights(group + g, vector), units); }
  }
  #for g in 0..GROUPS
  #for k in 0..VECTORS
  let w{g}_{k} = loaded[{k} * {GROUPS} + {g}];
  #end
  #end
  #for s in 0..SETS
  let own{s} = group + {s} * 4 + lane;
  let is_result{s} = {s} * 4 + lane < {GROUPS} && own{s} < RESULT_VECTORS;
  let begin{s} = beginning(own{s});
  #end
  for (var i = first; i < nonzero_end; i++) {
    let row = input_row(slice, i);
    let x = input_chunk(row.at + chunk);
    #for g in 0..GROUPS
    #for n in 0..4
    var z{g}_{n} = 0f;
    #end
    #end
    #for k in 0..VECTORS
    #for g in 0..GROUPS
    #for n in 0..N{g}
    z{g}_{n} += dot(w{g}_{k}[{n}], x[{k}]);
    #end
    #end
    #end
    var z: array<vec4f, {SETS} * 4>;
    #for g in 0..GROUPS
    z[{g}] = vec4f(z{g}_0, z{g}_1, z{g}_2, z{g}_3);
    #end
    #for s in 0..SETS
    let sums{s} = quad_sums(mat4x4f(z[{s} * 4], z[{s} * 4 + 1], z[{s} * 4 + 2], z[{s} * 4 + 3]), lane);
    if (is_result{s}) { finish(row.sample, slice, own{s}, begin{s} + sums{s}); }
    #end
  }
  for (var i = max(first, nonzero_end); i < end; i++) {   // rows of zeros
    let row = input_row(slice, i);
    #for s in 0..SETS
    if (is_result{s}) { finish(row.sample, slice, own{s}, begin{s}); }
    #end
  }
}

// The products of a mini-batch's rows with a matrix of weights: what forward_unrolled and backward_unrolled share. They say
// where rows and weights lie, and what becomes of the sums:
//   input_row(sample), input_stretch(row + stretch)   VECTORS x 4 numbers of a sample's row
//   INPUT_UNITS                                       what those are to be multiplied by
//   weights(results, vector)                          4 x 4 weights: columns are 4 results, rows what they weigh
//   beginning(results), finish(sample, part, results, sums)    what is added to 4 sums, and what is done with them
// For adapters on which a load costs as much as ten multiply-adds. One invocation keeps the weights of RESULTS results and
// of a stretch of a row in registers while it runs through a block of samples: a load of the stretch feeds
// RESULTS x VECTORS x 4 multiply-adds. The four of a quad have the same results and different stretches, and add up.
// The results are GROUPS vectors of four, of which N0, N1 ... exist: all, but for a layer that is one block.
#include "quad.wgsl"
override PARTS: u32;
override RESULT_VECTORS: u32;
override BLOCKS: u32;           // blocks of results
override BLOCK_SAMPLES: u32;    // samples that one invocation runs through

fn scaled(columns: mat4x4f, by: vec4f) -> mat4x4f {
  return mat4x4f(columns[0] * by, columns[1] * by, columns[2] * by, columns[3] * by);
}

// Computes part `index % PARTS` of the rows for one block of results and one block of samples.
fn products(index: u32, lane: u32) {
  let part = index % PARTS;
  let group = index / PARTS % BLOCKS * {GROUPS};
  let first_sample = index / PARTS / BLOCKS * BLOCK_SAMPLES;
  let end_sample = min(first_sample + BLOCK_SAMPLES, current.size);
  let stretch = stretch_of(part, lane);
  let units = select(vec4f(0), INPUT_UNITS, has_stretch(part, lane));
  #for g in 0..GROUPS
  #for k in 0..VECTORS
  let w{g}_{k} = scaled(weights(group + {g}, stretch * {VECTORS} + {k}), units);
  #end
  #end
  let own = group + lane;
  let begin = beginning(own);
  for (var sample = first_sample; sample < end_sample; sample++) {
    let x = input_stretch(input_row(sample) + stretch);
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
    #for g in 0..GROUPS
    let z{g} = vec4f(z{g}_0, z{g}_1, z{g}_2, z{g}_3);
    #end
    #for g in GROUPS..4
    let z{g} = vec4f();
    #end
    let sums = quad_sums(mat4x4f(z0, z1, z2, z3), lane);
    if (lane < {GROUPS} && own < RESULT_VECTORS) { finish(sample, part, own, begin + sums); }
  }
}

// update_unrolled: what update computes, with its contract, for adapters on which a load costs as much as ten
// multiply-adds.
//   dZ [size, outputs]                  in `gradient` (already divided by the mini-batch's size)
//   X  [size, inputs]                   images, of which zeros are left out, or floats: the variant INPUT says which
//   W  [outputs, inputs], b [outputs]   in `parameters`, read and written; dW never goes to memory
// One invocation keeps dW of RESULTS neurons (GROUPS vectors of four, of which N0, N1 ... exist: all, but for a layer that is
// one block) and a chunk of inputs while it runs through the samples, four at a time, in numbers rather than vectors,
// which these adapters compute one by one anyway. The four of a quad have the same neurons and different chunks: each
// loads dZ of one of the samples and hands it around.
enable subgroups;
diagnostic(off, subgroup_uniformity);   // within a quad control flow is uniform, which is all that is needed
#include "step.wgsl"
#include "parameters.wgsl"
#include "chunk_{INPUT}.wgsl"
#include "optimizer_step.wgsl"
#include "fused_update_{FUSED}.wgsl"
#include "quad.wgsl"
var<storage, read> gradient: array<vec4f>;
var<storage, read_write> parameters: array<vec4f>;

override BLOCKS: u32;           // blocks of neurons
override STEPS_AT_ZERO: bool;   // whether the optimizer changes parameters whose gradient is zero
const NONE = 0xffffffffu;   // no sample of the mini-batch

// dZ of neuron `n` of a vector of four; zero beyond the mini-batch.
fn gradient_of(sample: u32, neurons: u32, n: u32) -> f32 {
  return select(0, gradient[sample * OUTPUT_VECTORS + neurons][n], sample < current.size);
}

@compute @workgroup_size(WORKGROUP)
fn update_unrolled(@builtin(workgroup_id) group_id: vec3u, @builtin(num_workgroups) group_count: vec3u,
                   @builtin(local_invocation_index) local: u32) {
  let index = invocation(group_id, group_count, local);
  if (index >= OUTPUT_LAYER_FIRST) {
    update_output_layer(index - OUTPUT_LAYER_FIRST, local);
    return;
  }
  let lane = index % 4;
  let slice = index / 4 / BLOCKS;
  if (slice >= SLICES) { return; }   // a quad that only fills the last workgroup
  let chunk = chunk_of(slice, lane);
  let group = index / 4 % BLOCKS * {GROUPS};
  #for g in 0..GROUPS
  #for n in 0..N{g}
  #for k in 0..VECTORS
  #for c in x y z w
  var dw{g}_{n}_{k}{c} = 0f;
  #end
  #end
  #end
  #end
  let nonzero = nonzero_samples(slice);
  for (var i = 0u; i < nonzero; i += 4) {
    let own = input_row(slice, i + lane);
    // Past the last nonzero sample come those whose pixels are zero, and past these none at all.
    let sample = select(NONE, own.sample, i + lane < current.size);
    #for s in 0..4
    let x{s} = input_chunk(quadBroadcast(own.at, {s}u) + chunk);
    #end
    // The loads of dZ stand between the neurons' products on purpose: what is a factor twice from one load to the next is
    // written back to memory each time.
    #for g in 0..GROUPS
    #for n in 0..N{g}
    let d{g}_{n} = gradient_of(sample, group + {g}, {n});
    #for s in 0..4
    let d{g}_{n}_{s} = quadBroadcast(d{g}_{n}, {s}u);
    #end
    #for k in 0..VECTORS
    #for c in x y z w
    dw{g}_{n}_{k}{c} = dw{g}_{n}_{k}{c}
    #for s in 0..4
      + x{s}[{k}].{c} * d{g}_{n}_{s}
    #end
      ;
    #end
    #end
    #end
    #end
  }

  var dw = array<vec4f, {RESULTS} * {VECTORS}>(   // by vector of inputs and neuron
  #for k in 0..VECTORS
  #for g in 0..GROUPS
  #for n in 0..N{g}
    vec4f(dw{g}_{n}_{k}x, dw{g}_{n}_{k}y, dw{g}_{n}_{k}z, dw{g}_{n}_{k}w),
  #end
  #end
  #end
  );
  let moving = select(nonzero_vectors(slice), {VECTORS}, STEPS_AT_ZERO);
  for (var k = 0u; k < moving; k++) {
    let vector = weight_vector(chunk * {VECTORS} + k);
    for (var n = 0u; n < {RESULTS}; n++) {
      let neuron = group * 4 + n;
      if (neuron < OUTPUT_VECTORS * 4 && has_chunk(slice, lane)) {
        optimizer_step(weight_row(neuron) + vector, dw[k * {RESULTS} + n] * INPUT_UNITS, false);
      }
    }
  }

  // Of the biases, the quad that has the last slice: each invocation adds up a quarter of the samples.
  var db = mat4x4f();   // a column for each vector of neurons
  for (var sample = lane; sample < select(0, current.size, slice == SLICES - 1); sample += 4) {
    #for g in 0..GROUPS
    db[{g}] += gradient[sample * OUTPUT_VECTORS + group + {g}];
    #end
  }
  let own_group = group + lane;
  let own_db = quad_sums(db, lane);
  for (var n = 0u; n < 4; n++) {
    if (slice == SLICES - 1 && lane < {GROUPS} && own_group < OUTPUT_VECTORS) {
      optimizer_step(weight_row(own_group * 4 + n) + INPUT_VECTORS, vec4f(own_db[n], 0, 0, 0), true);
    }
  }
}

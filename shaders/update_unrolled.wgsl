// update_unrolled: what update computes, with its contract, for adapters on which a load costs as much as ten
// multiply-adds.
//   dZ [size, outputs]                  in `gradient` (already divided by the mini-batch's size)
//   X  [size, inputs]                   bytes through the order, or floats: the variant INPUT says which
//   W  [outputs, inputs], b [outputs]   in `parameters`, read and written; dW never goes to memory
// One invocation keeps dW of RESULTS neurons (GROUPS vectors of four, of which N0, N1 ... exist: all, but for a layer that is
// one block) and a stretch of inputs while it runs through the samples, eight at a time: number by number, since four
// products in one expression are computed twice as fast as a sum of vectors. The four of a quad have the same neurons and
// different stretches: each loads dZ of a group of these, adds it up for their biases, and hands it around.
enable subgroups;
#include "step.wgsl"
#include "parameters.wgsl"
#include "stretch_{INPUT}.wgsl"
#include "descend.wgsl"
override PARTS: u32;   // quads that it takes for a row of inputs
@group(0) @binding(2) var<storage, read> gradient: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> parameters: array<vec4f>;

// dZ of 4 neurons; zeros beyond the mini-batch.
fn gradient_of(sample: u32, group: u32) -> vec4f {
  return select(vec4f(0), gradient[sample * OUTPUT_VECTORS + group], sample < current.size);
}

@compute @workgroup_size(4)
fn update_unrolled(@builtin(workgroup_id) group_id: vec3u, @builtin(num_workgroups) group_count: vec3u,
                   @builtin(local_invocation_index) lane: u32) {
  let index = workgroup_index(group_id, group_count);
  let part = index % PARTS;
  let stretch = stretch_of(part, lane);
  let group = index / PARTS * {GROUPS};
  #for n in 0..4
  var db{n} = 0f;
  #end
  #for g in 0..GROUPS
  #for n in 0..N{g}
  #for k in 0..VECTORS
  #for c in x y z w
  var dw{g}_{n}_{k}{c} = 0f;
  #end
  #end
  #end
  #end
  for (var sample = 0u; sample < current.size; sample += 8) {
    #for s in 0..8
    let own{s} = gradient_of(sample + {s}, group + lane);
    #end
    #for n in 0..4
    let d_{n} = vec4f(own0[{n}], own1[{n}], own2[{n}], own3[{n}]);
    let e_{n} = vec4f(own4[{n}], own5[{n}], own6[{n}], own7[{n}]);
    db{n} += dot(d_{n}, vec4f(1)) + dot(e_{n}, vec4f(1));
    #end
    #for g in 0..GROUPS
    #for n in 0..N{g}
    let d{g}_{n} = quadBroadcast(d_{n}, {g}u);
    let e{g}_{n} = quadBroadcast(e_{n}, {g}u);
    #end
    #end
    #for s in 0..8
    let x{s} = input_stretch(input_row(sample + {s}) + stretch);
    #end
    #for k in 0..VECTORS
    #for c in x y z w
    let x{k}{c} = vec4f(x0[{k}].{c}, x1[{k}].{c}, x2[{k}].{c}, x3[{k}].{c});
    let y{k}{c} = vec4f(x4[{k}].{c}, x5[{k}].{c}, x6[{k}].{c}, x7[{k}].{c});
    #end
    #end
    #for g in 0..GROUPS
    #for n in 0..N{g}
    #for k in 0..VECTORS
    #for c in x y z w
    dw{g}_{n}_{k}{c} += dot(d{g}_{n}, x{k}{c}) + dot(e{g}_{n}, y{k}{c});
    #end
    #end
    #end
    #end
  }

  var dw = array<vec4f, {RESULTS} * {VECTORS}>(   // by neuron and vector of inputs
  #for g in 0..GROUPS
  #for n in 0..N{g}
  #for k in 0..VECTORS
    vec4f(dw{g}_{n}_{k}x, dw{g}_{n}_{k}y, dw{g}_{n}_{k}z, dw{g}_{n}_{k}w),
  #end
  #end
  #end
  );
  for (var i = 0u; i < {RESULTS} * {VECTORS}; i++) {
    let neuron = group * 4 + i / {VECTORS};
    if (neuron < OUTPUT_VECTORS * 4 && has_stretch(part, lane)) {
      descend(weight_row(neuron) + stretch * {VECTORS} + i % {VECTORS}, dw[i] * INPUT_UNITS, false);
    }
  }
  let own = group + lane;
  let db = vec4f(db0, db1, db2, db3);
  for (var n = 0u; n < 4; n++) {
    if (part == 0 && lane < {GROUPS} && own < OUTPUT_VECTORS) {
      descend(weight_row(own * 4 + n) + INPUT_VECTORS, vec4f(db[n], 0, 0, 0), true);
    }
  }
}

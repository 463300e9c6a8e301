// update_unrolled: what update computes, with its contract, for adapters on which a load costs as much as ten
// multiply-adds.
//   dZ [size, outputs]                  in `gradient` (already divided by the mini-batch's size)
//   X  [size, inputs]                   bytes through the order, or floats: the variant INPUT says which
//   W  [outputs, inputs], b [outputs]   in `parameters`, read and written; dW never goes to memory
// One invocation keeps dW of GROUPS x 4 neurons and VECTORS x 4 inputs while it runs through the samples, eight at a time:
// number by number, since four products in one expression are computed twice as fast as a sum of vectors. The four of a
// quad have the same neurons and different inputs: each loads dZ of a group of these and hands it around.
enable subgroups;
#include "step.wgsl"
#include "parameters.wgsl"
#include "input_{INPUT}.wgsl"
#include "descend.wgsl"
override PARTS: u32;   // blocks of inputs, four to a quad; the vector after the last input is the bias
@group(0) @binding(2) var<storage, read> gradient: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> parameters: array<vec4f>;

// dZ of 4 neurons; zeros beyond the mini-batch and the layer.
fn gradient_of(sample: u32, group: u32) -> vec4f {
  let exists = sample < current.size && group < OUTPUT_VECTORS;
  return select(vec4f(0), gradient[sample * OUTPUT_VECTORS + group], exists);
}

@compute @workgroup_size(4)
fn update_unrolled(@builtin(workgroup_id) group_id: vec3u, @builtin(num_workgroups) group_count: vec3u,
                   @builtin(local_invocation_index) lane: u32) {
  let index = workgroup_index(group_id, group_count);
  let vector = (index % PARTS * 4 + lane) * {VECTORS};
  let group = index / PARTS * {GROUPS};
  #for g in 0..GROUPS
  #for n in 0..4
  #for k in 0..VECTORS
  #for c in x y z w
  var dw{g}_{n}_{k}{c} = 0f;
  #end
  #end
  #end
  #end
  for (var sample = 0u; sample < current.size; sample += 8) {
    #for s in 0..8
    let row{s} = input_row(sample + {s}) + vector;
    let d{s} = gradient_of(sample + {s}, group + lane);
    #for k in 0..VECTORS
    let x{s}_{k} = select(input_at(row{s} + {k}), BIAS_INPUT, vector + {k} == INPUT_VECTORS);
    #end
    #end
    #for k in 0..VECTORS
    #for c in x y z w
    let x{k}{c} = vec4f(x0_{k}.{c}, x1_{k}.{c}, x2_{k}.{c}, x3_{k}.{c});
    let y{k}{c} = vec4f(x4_{k}.{c}, x5_{k}.{c}, x6_{k}.{c}, x7_{k}.{c});
    #end
    #end
    #for n in 0..4
    let d_{n} = vec4f(d0[{n}], d1[{n}], d2[{n}], d3[{n}]);
    let e_{n} = vec4f(d4[{n}], d5[{n}], d6[{n}], d7[{n}]);
    #for g in 0..GROUPS
    let d{g}_{n} = quadBroadcast(d_{n}, {g}u);
    let e{g}_{n} = quadBroadcast(e_{n}, {g}u);
    #for k in 0..VECTORS
    #for c in x y z w
    dw{g}_{n}_{k}{c} += dot(x{k}{c}, d{g}_{n}) + dot(y{k}{c}, e{g}_{n});
    #end
    #end
    #end
    #end
  }
  var dw: array<vec4f, {GROUPS} * 4 * {VECTORS}>;   // by neuron and vector of inputs
  #for g in 0..GROUPS
  #for n in 0..4
  #for k in 0..VECTORS
  dw[({g} * 4 + {n}) * {VECTORS} + {k}] = vec4f(dw{g}_{n}_{k}x, dw{g}_{n}_{k}y, dw{g}_{n}_{k}z, dw{g}_{n}_{k}w);
  #end
  #end
  #end
  for (var i = 0u; i < {GROUPS} * 4 * {VECTORS}; i++) {
    let neuron = group * 4 + i / {VECTORS};
    let own = vector + i % {VECTORS};
    if (neuron < OUTPUT_VECTORS * 4 && own <= INPUT_VECTORS) {
      descend(weight_row(neuron) + own, dw[i], own == INPUT_VECTORS);
    }
  }
}

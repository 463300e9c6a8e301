// update_unrolled: what update computes, with its contract, for adapters on which a load costs as much as ten
// multiply-adds.
//   dZ [size, outputs]                  in `gradient` (already divided by the mini-batch's size)
//   X  [size, inputs]                   bytes through the order, or floats: the variant INPUT says which
//   W  [outputs, inputs], b [outputs]   in `parameters`, read and written; dW never goes to memory
// One invocation keeps dW of GROUPS x 4 neurons and VECTORS x 4 inputs in registers while it runs through the samples,
// four at a time: 4 x (GROUPS + VECTORS) loads feed GROUPS x VECTORS x 64 multiply-adds.
#include "step.wgsl"
#include "parameters.wgsl"
#include "input_{INPUT}.wgsl"
override PARTS: u32;   // blocks of vectors; the vector after the last input is the bias
@group(0) @binding(2) var<storage, read> gradient: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> parameters: array<vec4f>;

// dZ of 4 neurons; zeros beyond the mini-batch.
fn gradient_of(sample: u32, group: u32) -> vec4f {
  return select(vec4f(0), gradient[sample * OUTPUT_VECTORS + group], sample < current.size);
}

@compute @workgroup_size(WORKGROUP)
fn update_unrolled(@builtin(workgroup_id) group_id: vec3u, @builtin(num_workgroups) group_count: vec3u,
                   @builtin(local_invocation_index) local: u32) {
  let index = invocation(group_id, group_count, local);
  let vector = index % PARTS * {VECTORS};
  let group = index / PARTS * {GROUPS};
  if (group >= OUTPUT_VECTORS) { return; }
  #for g in 0..GROUPS
  #for n in x y z w
  #for k in 0..VECTORS
  var dw{g}{n}_{k} = vec4f();
  #end
  #end
  #end
  for (var sample = 0u; sample < current.size; sample += 4) {
    #for s in 0..4
    let row{s} = input_row(sample + {s}) + vector;
    #for g in 0..GROUPS
    let d{s}_{g} = gradient_of(sample + {s}, group + {g});
    #end
    #for k in 0..VECTORS
    let x{s}_{k} = select(input_at(row{s} + {k}), BIAS_INPUT, vector + {k} == INPUT_VECTORS);
    #end
    #end
    #for k in 0..VECTORS
    let x{k} = mat4x4f(x0_{k}, x1_{k}, x2_{k}, x3_{k});
    #end
    #for g in 0..GROUPS
    #for n in x y z w
    let d{g}{n} = vec4f(d0_{g}.{n}, d1_{g}.{n}, d2_{g}.{n}, d3_{g}.{n});
    #for k in 0..VECTORS
    dw{g}{n}_{k} += x{k} * d{g}{n};
    #end
    #end
    #end
  }
  #for g in 0..GROUPS
  if (group + {g} < OUTPUT_VECTORS) {
    var at{g} = weight_row((group + {g}) * 4) + vector;
    #for n in x y z w
    #for k in 0..VECTORS
    if (vector + {k} <= INPUT_VECTORS) { parameters[at{g} + {k}] -= current.learning_rate * dw{g}{n}_{k}; }
    #end
    at{g} += INPUT_VECTORS + 1;
    #end
  }
  #end
}

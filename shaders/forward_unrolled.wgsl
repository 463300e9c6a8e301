// forward_unrolled: the sums of forward, X · Wᵀ, in parts: part p adds up the inputs of one stretch alone.
//   X [size, inputs]             bytes through the order, or floats: the variant INPUT says which
//   W [outputs, inputs]          in `parameters`
//   Z [batch, parts, outputs]    into `partials`, rows padded to whole vectors; sum_parts or head goes on from there
// For adapters on which a load costs as much as ten multiply-adds. One invocation keeps the weights of GROUPS x 4
// neurons and of VECTORS x 4 inputs in registers while it runs through a block of samples: VECTORS loads feed
// GROUPS x VECTORS x 16 multiply-adds. The four of a quad have a quarter of the part's inputs each.
enable subgroups;
#include "step.wgsl"
#include "parameters.wgsl"
#include "input_{INPUT}.wgsl"
#include "quad.wgsl"
override PARTS: u32;
override BLOCKS: u32;           // blocks of neurons
override BLOCK_SAMPLES: u32;    // samples that one invocation runs through
@group(0) @binding(2) var<storage, read> parameters: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> partials: array<f32>;

// Four weights of a neuron; zeros beyond the layer's inputs and neurons.
fn weights(neuron: u32, vector: u32) -> vec4f {
  let exists = vector < INPUT_VECTORS && neuron < OUTPUT_VECTORS * 4;
  return select(vec4f(0), parameters[weight_row(neuron) + vector], exists);
}

@compute @workgroup_size(4)
fn forward_unrolled(@builtin(workgroup_id) group_id: vec3u, @builtin(num_workgroups) group_count: vec3u,
                    @builtin(local_invocation_index) lane: u32) {
  let index = workgroup_index(group_id, group_count);
  let part = index % PARTS;
  let group = index / PARTS % BLOCKS * {GROUPS};
  let first_sample = index / PARTS / BLOCKS * BLOCK_SAMPLES;
  let end_sample = min(first_sample + BLOCK_SAMPLES, current.size);
  let vector = (part * 4 + lane) * {VECTORS};
  #for g in 0..GROUPS
  #for n in 0..4
  #for k in 0..VECTORS
  let w{g}_{n}_{k} = weights((group + {g}) * 4 + {n}, vector + {k});
  #end
  #end
  #end
  for (var sample = first_sample; sample < end_sample; sample++) {
    let row = input_row(sample) + vector;
    #for k in 0..VECTORS
    let x{k} = input_at(row + {k});
    #end
    let at = ((sample * PARTS + part) * OUTPUT_VECTORS + group) * 4 + lane;
    #for g in 0..GROUPS
    #for n in 0..4
    let z{g}_{n} = 0
    #for k in 0..VECTORS
      + dot(w{g}_{n}_{k}, x{k})
    #end
      ;
    #end
    let z{g} = quad_sums(vec4f(z{g}_0, z{g}_1, z{g}_2, z{g}_3), lane);
    if (group + {g} < OUTPUT_VECTORS) { partials[at + {g} * 4] = z{g}; }
    #end
  }
}

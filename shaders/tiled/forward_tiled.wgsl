// forward_tiled: X · Wᵀ of forward as a split-K product: each slice sums over some of the inputs.
//   X [size, inputs]             bytes through the order, or floats: the variant INPUT says which
//   W [outputs, inputs]          in `parameters`
//   Z [batch, slices, outputs]    into `partials`, rows padded to whole vectors: forward_partials or
//                                fused_classifier goes on from there
// For GPUs. A workgroup computes a tile of SAMPLES x 4 samples and NEURONS x 4 neurons, an invocation 4 x 4 of it. The
// tile's rows of X and W pass through workgroup memory, 4 vectors of inputs at a time: each is loaded once a workgroup.
#include "step.wgsl"
#include "parameters.wgsl"
#include "input_{INPUT}.wgsl"
override SLICES: u32;
override SLICE_VECTORS: u32;   // vectors of inputs in a slice
override BLOCKS: u32;         // tiles side by side that cover all neurons
const NEURONS = {NEURONS}u;
const SAMPLES = {SAMPLES}u;
const DEPTH = 4u;             // vectors of inputs in workgroup memory
var<storage, read> parameters: array<vec4f>;
var<storage, read_write> partials: array<vec4f>;
var<workgroup> x_tile: array<vec4f, SAMPLES * 4 * DEPTH>;
var<workgroup> w_tile: array<vec4f, NEURONS * 4 * DEPTH>;

@compute @workgroup_size(WORKGROUP)
fn forward_tiled(@builtin(workgroup_id) group_id: vec3u, @builtin(num_workgroups) group_count: vec3u,
                 @builtin(local_invocation_index) local: u32) {
  let tile = group_id.y * group_count.x + group_id.x;
  let slice = tile % SLICES;
  let first_neuron = tile / SLICES % BLOCKS * NEURONS * 4;
  let first_sample = tile / SLICES / BLOCKS * SAMPLES * 4;
  let x_own = local / NEURONS * 4 * DEPTH;   // this invocation's 4 rows in each tile
  let w_own = local % NEURONS * 4 * DEPTH;
  let end = min((slice + 1) * SLICE_VECTORS, INPUT_VECTORS);
  var z = mat4x4f();  // column: sample, row: neuron
  for (var vector = slice * SLICE_VECTORS; vector < end; vector += DEPTH) {
    for (var i = local; i < SAMPLES * 4 * DEPTH; i += WORKGROUP) {
      let sample = first_sample + i / DEPTH;
      let k = vector + i % DEPTH;
      x_tile[i] = select(vec4f(0), input_at(input_row(sample) + k), sample < current.size && k < end);
    }
    for (var i = local; i < NEURONS * 4 * DEPTH; i += WORKGROUP) {
      let neuron = first_neuron + i / DEPTH;
      let k = vector + i % DEPTH;
      w_tile[i] = select(vec4f(0), parameters[weight_row(neuron) + k], neuron < OUTPUT_VECTORS * 4 && k < end);
    }
    workgroupBarrier();
    for (var k = 0u; k < DEPTH; k++) {
      let x = mat4x4f(x_tile[x_own + k], x_tile[x_own + DEPTH + k],
                      x_tile[x_own + 2 * DEPTH + k], x_tile[x_own + 3 * DEPTH + k]);
      let w = mat4x4f(w_tile[w_own + k], w_tile[w_own + DEPTH + k],
                      w_tile[w_own + 2 * DEPTH + k], w_tile[w_own + 3 * DEPTH + k]);
      z += transpose(w) * x;
    }
    workgroupBarrier();
  }
  let neurons = first_neuron / 4 + local % NEURONS;
  let sample = first_sample + local / NEURONS * 4;
  if (neurons >= OUTPUT_VECTORS) { return; }
  for (var s = 0u; s < 4 && sample + s < current.size; s++) {
    partials[((sample + s) * SLICES + slice) * OUTPUT_VECTORS + neurons] = z[s];
  }
}

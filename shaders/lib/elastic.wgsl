// Elastic deformation: a displacement of every pixel, a uniform cubic B-spline over a lattice of random nodes. It is as
// smooth as white noise that was convolved with a Gaussian of deviation 4.6 pixels, and cheap to know at one pixel.
#include "random.wgsl"
override ROWS: u32;
override COLUMNS: u32;
override ELASTIC_SCALE: f32;   // what a node's numbers in [-1, 1) are multiplied by, with the step's magnitude
const SPACING = 8u;            // pixels between nodes; node (0, 0) lies one spacing before pixel (0, 0)

// Weights of four nodes at t, from 0 at the second of them to 1 at the third.
fn spline(t: f32) -> vec4f {
  let s = 1 - t;
  return vec4f(s * s * s, (3 * t - 6) * t * t + 4, ((3 - 3 * t) * t + 3) * t + 1, t * t * t) / 6;
}

struct Displacements {
  x: vec4f,
  y: vec4f,
}

// The displacements of 4 pixels of a row, the first of them in a column that is a multiple of 4.
fn displacements(sample: u32, row: u32, first_column: u32) -> Displacements {
  var result: Displacements;
  if (ELASTIC_SCALE == 0) { return result; }
  let columns = (COLUMNS - 1) / SPACING + 4;
  let rows = (ROWS - 1) / SPACING + 4;
  let first_node = (sample * rows + row / SPACING) * columns + first_column / SPACING;
  let down = current.magnitude * ELASTIC_SCALE * spline(f32(row % SPACING) / f32(SPACING));
  // The lattice's columns, each at this row.
  #for j in 0..4
  let node{j} = vec2f()
  #for i in 0..4
    + down[{i}] * signed(draw(ELASTIC, first_node + {i} * columns + {j})).xy
  #end
    ;
  #end
  #for pixel in 0..4
  let across{pixel} = spline(f32((first_column + {pixel}) % SPACING) / f32(SPACING));
  let bend{pixel} = across{pixel}.x * node0 + across{pixel}.y * node1 + across{pixel}.z * node2 + across{pixel}.w * node3;
  result.x[{pixel}] = bend{pixel}.x;
  result.y[{pixel}] = bend{pixel}.y;
  #end
  return result;
}

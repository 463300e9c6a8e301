// augment: the images of a mini-batch as the first layer sees them in training: transformed, bent and with pixels left
// out, anew in every step.
//   images [samples, ROWS x COLUMNS]      in `images`, bytes, through the order
//   X      [batch, ROWS x COLUMNS]        into `inputs`, floats in [0, 1] times the factors of dropout
// New pixel (r, c) shows, bilinearly, what the image has at M·(c, r) + shift + displacement(r, c), about its centre.
// One invocation computes 4 pixels of a row.
#include "step.wgsl"
#include "dropout.wgsl"
#include "elastic.wgsl"
override INPUT_VECTORS: u32;
override ANGLE: f32;   // the largest rotation, in radians; these four are multiplied by the step's magnitude
override SHIFT: f32;   // in pixels
override SCALE: f32;
override SHEAR: f32;
var<storage, read> images: array<u32>;
var<storage, read> order: array<u32>;
var<storage, read_write> inputs: array<f32>;

// (cos, sin) of up to half a turn, to the last bits everywhere: WGSL promises 11 bits of its own. Taylor series of an
// eighth of the angle, doubled three times.
fn cos_sin(angle: f32) -> vec2f {
  let x = angle / 8;
  let xx = x * x;
  var t = vec2f(1 - xx / 2 * (1 - xx / 12 * (1 - xx / 30 * (1 - xx / 56))),
                x * (1 - xx / 6 * (1 - xx / 20 * (1 - xx / 42 * (1 - xx / 72)))));
  for (var doubling = 0; doubling < 3; doubling++) { t = vec2f(t.x * t.x - t.y * t.y, 2 * t.x * t.y); }
  return t;
}

// A pixel's value in [0, 1], 0 outside of the image that begins at word `image`.
fn pixel(image: u32, row: i32, column: i32) -> f32 {
  let inside = row >= 0 && row < i32(ROWS) && column >= 0 && column < i32(COLUMNS);
  let at = select(0u, u32(row) * COLUMNS + u32(column), inside);
  let value = f32((images[image + at / 4] >> (at % 4 * 8)) & 255) / 255;
  return select(0, value, inside);
}

// What the image shows between its pixels.
fn interpolated(image: u32, place: vec2f) -> f32 {
  let corner = floor(place);
  let part = place - corner;
  let column = i32(corner.x);
  let row = i32(corner.y);
  let above = mix(pixel(image, row, column), pixel(image, row, column + 1), part.x);
  let below = mix(pixel(image, row + 1, column), pixel(image, row + 1, column + 1), part.x);
  return mix(above, below, part.y);
}

// Where in the image, from its centre, lies what the new pixel at `from_centre` shows.
fn place(from_centre: vec2f, turn: vec2f, scale: vec2f, shear: f32) -> vec2f {
  let u = scale.x * from_centre.x + shear * from_centre.y;
  let v = scale.y * from_centre.y;
  return vec2f(turn.x * u - turn.y * v, turn.y * u + turn.x * v);
}

fn write_pixel(sample: u32, at: u32, exists: bool, value: f32) {
  let factors = dropout_factors(INPUT_DROPOUT, sample * INPUT_VECTORS + at / 4);
  if (exists) { inputs[sample * INPUT_VECTORS * 4 + at] = value * factors[at % 4]; }
}

@compute @workgroup_size(WORKGROUP)
fn augment(@builtin(workgroup_id) group_id: vec3u, @builtin(num_workgroups) group_count: vec3u,
           @builtin(local_invocation_index) local: u32) {
  let index = invocation(group_id, group_count, local);
  let groups = (COLUMNS + 3) / 4;
  let first_column = index % groups * 4;
  let row = index / groups % ROWS;
  let sample = index / groups / ROWS;
  if (sample >= current.size) { return; }

  let drawn = current.magnitude * signed(draw(AFFINE, 2 * sample));
  let more = current.magnitude * signed(draw(AFFINE, 2 * sample + 1));
  let turn = cos_sin(ANGLE * drawn.x);
  let shift = SHIFT * drawn.yz;
  let scale = 1 + SCALE * vec2f(drawn.w, more.x);
  let shear = SHEAR * more.y;
  let image = order[current.first + sample] * INPUT_VECTORS;
  let centre = vec2f(f32(COLUMNS - 1), f32(ROWS - 1)) / 2;
  let bends = displacements(sample, row, first_column);
  #for i in 0..4
  write_pixel(sample, row * COLUMNS + first_column + {i}, first_column + {i} < COLUMNS, interpolated(image,
    place(vec2f(f32(first_column + {i}), f32(row)) - centre, turn, scale, shear)
    + shift + centre + vec2f(bends.x[{i}], bends.y[{i}])));
  #end
}

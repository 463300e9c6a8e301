// Random numbers of a training step: a function of what they are for and nothing else, so that the reference draws the
// same and nothing has to be remembered. No two purposes share a stream.
const AFFINE = 0u;
const ELASTIC = 1u;
const INPUT_DROPOUT = 2u;
const HIDDEN_DROPOUT = 16u;   // and one more for every hidden layer before

// pcg4d of Jarzynski and Olano, "Hash Functions for GPU Rendering", JCGT 9(3), 2020.
fn pcg4d(key: vec4u) -> vec4u {
  var v = key * 1664525 + 1013904223;
  v.x += v.y * v.w;
  v.y += v.z * v.x;
  v.z += v.x * v.y;
  v.w += v.y * v.z;
  v ^= v >> vec4u(16);
  v.x += v.y * v.w;
  v.y += v.z * v.x;
  v.z += v.x * v.y;
  v.w += v.y * v.z;
  return v;
}

// Draw `index` of a stream in this step: four numbers, uniform in 0 to 2^32 - 1.
fn draw(stream: u32, index: u32) -> vec4u { return pcg4d(vec4u(current.seed, current.number, stream, index)); }

// Uniform in [-1, 1), of the 24 bits that a float32 holds exactly.
fn signed(drawn: vec4u) -> vec4f { return vec4f(drawn >> vec4u(8)) * 0x1p-23 - 1; }

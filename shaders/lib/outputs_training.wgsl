// What a hidden layer puts out in training: 4 neurons of one sample, f(z) times the factors of dropout, zeros beyond the
// layer's neurons. The derivatives f'(z) [batch, outputs], times the same factors, go to where the layer's dZ is going to be:
// backward multiplies by them, and knows neither activation nor dropout.
#include "activation.wgsl"
#include "dropout.wgsl"
override OUTPUTS: u32;
override HIDDEN_LAYER: u32;   // from 0
var<storage, read_write> derivatives: array<vec4f>;

fn outputs_of(sample: u32, neurons: u32, z: vec4f) -> vec4f {
  let at = sample * OUTPUT_VECTORS + neurons;
  let exists = neurons * 4 + vec4u(0, 1, 2, 3) < vec4u(OUTPUTS);
  let factors = select(vec4f(0), dropout_factors(HIDDEN_DROPOUT + HIDDEN_LAYER, at), exists);
  let a = activate(z);
  derivatives[at] = activation_derivative(z, a) * factors;
  return a * factors;
}

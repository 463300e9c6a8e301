import type { LayerActivation } from "../../model/activations.ts";

/** What `shaders/activation.wgsl` calls each activation; its derivative is called likewise, with `_derivative` behind. */
const functions: Readonly<Record<LayerActivation, string>> = {
  identity: "identity",
  sigmoid: "sigmoid",
  tanh: "hyperbolic_tangent",
  relu: "relu",
  silu: "silu",
  gelu: "gelu",
  "leaky-relu": "leaky_relu",
};

/** The variant by which a kernel applies `activation`. */
export function activationVariant(activation: LayerActivation) {
  return { ACTIVATION: functions[activation] };
}

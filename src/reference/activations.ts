import type { LayerActivation } from "../model/activations.ts";
import { normalBelow, normalDensity } from "./normal.ts";

/** An activation function and its derivative, side by side. */
export interface ActivationFunctions {
  /** `a = f(z)`. */
  apply(z: number): number;
  /** `f'(z)`. */
  slope(z: number): number;
}

// 1 / (1 + e^-z), written so that the exponential only ever shrinks: it cannot overflow, and what is left of it
// far below zero stays accurate.
function sigmoid(z: number): number {
  const shrunk = Math.exp(-Math.abs(z));
  return (z < 0 ? shrunk : 1) / (1 + shrunk);
}

/** The formulas of every row of `model/activations.ts`, and of the last layer. */
export const activations: Readonly<Record<LayerActivation, ActivationFunctions>> = {
  sigmoid: {
    apply: sigmoid,
    slope(z) {
      const s = sigmoid(z);
      return s * (1 - s);
    },
  },
  tanh: {
    apply: Math.tanh,
    slope: (z) => 1 - Math.tanh(z) ** 2,
  },
  relu: {
    apply: (z) => Math.max(z, 0),
    // At 0, where it has no derivative, that of the flat side.
    slope: (z) => (z > 0 ? 1 : 0),
  },
  // Elfwing, Uchibe and Doya, "Sigmoid-weighted linear units for neural network function approximation in
  // reinforcement learning", 2018.
  silu: {
    apply: (z) => z * sigmoid(z),
    slope(z) {
      const s = sigmoid(z);
      return s * (1 + z * (1 - s));
    },
  },
  // Hendrycks and Gimpel, "Gaussian error linear units", 2016.
  gelu: {
    apply: (z) => z * normalBelow(z),
    slope: (z) => normalBelow(z) + z * normalDensity(z),
  },
  // Maas, Hannun and Ng, "Rectifier nonlinearities improve neural network acoustic models", 2013; PyTorch's and ONNX's slope.
  "leaky-relu": {
    apply: (z) => (z > 0 ? z : 0.01 * z),
    slope: (z) => (z > 0 ? 1 : 0.01),
  },
  identity: {
    apply: (z) => z,
    slope: () => 1,
  },
};

/** An activation function and its derivative, side by side. */
export interface Activation {
  /** `a = f(z)`. */
  apply(z: number): number;
  /** `f'(z)`, expressed by the activation's output `a = f(z)`, which is all that is kept of a forward pass. */
  derivative(a: number): number;
}

/** Every activation, by the name that the kernels have for it. */
export const activations = {
  sigmoid: {
    // 1 / (1 + e^-z), written so that the exponential only ever shrinks: it cannot overflow, and what is left of it
    // far below zero stays accurate.
    apply(z) {
      const shrunk = Math.exp(-Math.abs(z));
      return (z < 0 ? shrunk : 1) / (1 + shrunk);
    },
    derivative: (a) => a * (1 - a),
  },
  identity: {
    apply: (z) => z,
    derivative: () => 1,
  },
} satisfies Record<string, Activation>;

export type ActivationName = keyof typeof activations;

/** The values of `ACTIVATION` in `shaders/activation.wgsl`. */
export const activationCodes = { identity: 0, sigmoid: 1, tanh: 2, relu: 3, silu: 4 } as const;

export type Activation = keyof typeof activationCodes;

/**
 * One operator of ONNX (github.com/onnx/onnx, docs/Operators.md), applied to what the one before put out; the first one
 * to z.
 */
export interface OnnxOperator {
  readonly type: string;
  /** The other factor or summand: z itself, or a number. */
  readonly by?: "z" | number;
}

/** What can be said of an activation without computing it. */
export interface ActivationRow {
  /** One line for people: its formula, and where it comes from. */
  readonly help: string;
  /** The operators that compute it in an ONNX file, one after the other. */
  readonly onnx: readonly OnnxOperator[];
}

/**
 * Every activation that hidden layers may have. A row here asks for its formula and derivative, in
 * `reference/activations.ts` and in `shaders/activation.wgsl` by way of `kernels/activation.ts`: the compiler says so.
 * Settings, help, files and tests go by this table.
 */
export const activationTable = {
  sigmoid: { help: "1 / (1 + e^-z), the article's", onnx: [{ type: "Sigmoid" }] },
  tanh: { help: "(e^z - e^-z) / (e^z + e^-z)", onnx: [{ type: "Tanh" }] },
  relu: { help: "max(z, 0)", onnx: [{ type: "Relu" }] },
  silu: { help: "z / (1 + e^-z), also called swish", onnx: [{ type: "Sigmoid" }, { type: "Mul", by: "z" }] },
} as const satisfies Record<string, ActivationRow>;

export type Activation = keyof typeof activationTable;

export const activationNames = Object.keys(activationTable) as Activation[];

/** What any layer may apply to its sums: the last one puts them out as they are. */
export type LayerActivation = Activation | "identity";

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
  /** The most, either way, that it puts out, if that has a limit. */
  readonly limit?: number;
}

/**
 * Every activation that hidden layers may have. A row here asks for its formula and derivative, in
 * `reference/activations.ts` and in `shaders/activation.wgsl` by way of `kernels/lib/activation.ts`: the compiler says so.
 * Settings, help, files and tests go by this table.
 */
export const activationTable = {
  sigmoid: { help: "1 / (1 + e^-z), the article's", onnx: [{ type: "Sigmoid" }], limit: 1 },
  tanh: { help: "(e^z - e^-z) / (e^z + e^-z)", onnx: [{ type: "Tanh" }], limit: 1 },
  relu: { help: "max(z, 0)", onnx: [{ type: "Relu" }] },
  silu: { help: "z / (1 + e^-z), also called swish", onnx: [{ type: "Sigmoid" }, { type: "Mul", by: "z" }] },
  gelu: {
    help: "z times the share of a standard normal distribution below z; exact, not by tanh",
    // z (1 + erf(z / √2)) / 2.
    onnx: [
      { type: "Mul", by: Math.SQRT1_2 },
      { type: "Erf" },
      { type: "Add", by: 1 },
      { type: "Mul", by: "z" },
      { type: "Mul", by: 0.5 },
    ],
  },
  "leaky-relu": { help: "z, or 0.01 z where z is negative", onnx: [{ type: "LeakyRelu" }] },
} as const satisfies Record<string, ActivationRow>;

/** The name of an activation that hidden layers may have. */
export type Activation = keyof typeof activationTable;

export const activationNames = Object.keys(activationTable) as Activation[];

/** The table with its rows all of one type. */
export const activationRows: Readonly<Record<Activation, ActivationRow>> = activationTable;

/** What any layer may apply to its sums: the last one puts them out as they are. */
export type LayerActivation = Activation | "identity";

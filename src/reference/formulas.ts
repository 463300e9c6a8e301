/*
 * The formulas of the article, where each of them stands here. `docs/formulas.md` is written from this table, the page shows
 * it beside its numbers, and a test looks for every file and function that it names.
 */

/** The sizes that a formula's shapes are made of. */
export interface FormulaSizes {
  readonly batch: number;
  readonly inputs: number;
  readonly outputs: number;
}

/** A formula of the article. */
export interface Formula {
  readonly title: string;
  /** As the article writes it: samples are columns there, and layers are counted from 1. */
  readonly article: string;
  /** As it is computed here: samples are rows, as files and buffers hold them. */
  readonly here: string;
  /** What its factors are for a layer, or for the last one, of these sizes. */
  shapes(sizes: FormulaSizes): string;
  /** The portable shader that computes it, a path below `shaders/`, and the function in it. */
  readonly shader: { readonly file: string; readonly entry: string };
  /** The function of the reference, and its file in `src/reference/`. */
  readonly reference: { readonly file: string; readonly name: string };
  /** The test that holds the reference to it, a path below `test/`. The shader's test is `npm test -- test/kernels`. */
  readonly test: string;
  /** What of it runs as part of another kernel, where kernels are fused. */
  readonly fused: string;
}

const layer = ({ batch, inputs, outputs }: FormulaSizes) =>
  `X [${batch}, ${inputs}], W [${outputs}, ${inputs}], b [${outputs}]`;
const rows = (name: string, batch: number, width: number) => `${name} [${batch}, ${width}]`;

export const formulas = {
  miniBatch: {
    title: "Mini-batch",
    article: "shuffle X and Y; take 64 columns at a time",
    here: "X[s, pixel] = images[order[first + s], pixel] / 255",
    shapes: ({ batch, inputs }) => `${rows("X", batch, inputs)}, one image a row; labels [${batch}]`,
    shader: { file: "lib/input_bytes.wgsl", entry: "input_at" },
    reference: { file: "gather.ts", name: "gather" },
    test: "data/batches.test.ts",
    fused:
      "Always: the first layer's kernels read the images through the shuffled order; no copy of a mini-batch is made.",
  },
  weightedSum: {
    title: "Weighted sum",
    article: "Z = W·X + b",
    here: "Z = X·Wᵀ + b",
    shapes: (sizes) => `${layer(sizes)} → ${rows("Z", sizes.batch, sizes.outputs)}`,
    shader: { file: "forward.wgsl", entry: "forward" },
    reference: { file: "forward.ts", name: "forward" },
    test: "reference/layers.test.ts",
    fused:
      "On software adapters and GPUs the sum over inputs is split into parts, which the next kernel adds up.",
  },
  sigmoid: {
    title: "Sigmoid",
    article: "A = 1 / (1 + e^-Z)",
    here: "A = f(Z), f the activation of the settings; 1 / (1 + e^-z) for sigmoid",
    shapes: ({ batch, outputs }) => `${rows("Z", batch, outputs)} → ${rows("A", batch, outputs)}`,
    shader: { file: "activation.wgsl", entry: "activate" },
    reference: { file: "activations.ts", name: "activations" },
    test: "reference/activations.test.ts",
    fused: "Always: it is applied where Z is computed, and its derivative is left for the way back.",
  },
  softmax: {
    title: "Softmax",
    article: "A = e^Z / Σ e^Z",
    here: "P[c] = e^(z[c] - max z) / Σ e^(z - max z)",
    shapes: ({ batch, outputs }) => `${rows("Z", batch, outputs)} → ${rows("P", batch, outputs)}`,
    shader: { file: "softmax.wgsl", entry: "softmax" },
    reference: { file: "softmax.ts", name: "softmax" },
    test: "reference/softmax.test.ts",
    fused: "In training it is computed together with the loss, from the same exponentials.",
  },
  crossEntropy: {
    title: "Cross-entropy",
    article: "J = -1/m Σ Y log A",
    here: "loss[s] = log Σ e^z - z[label], the mean over the mini-batch",
    shapes: ({ batch, outputs }) => `${rows("Z", batch, outputs)}, labels [${batch}] → losses [${batch}]`,
    shader: { file: "cross_entropy.wgsl", entry: "cross_entropy" },
    reference: { file: "softmax-cross-entropy.ts", name: "softmaxCrossEntropy" },
    test: "reference/softmax.test.ts",
    fused:
      "Behind a hidden layer (on a GPU: with up to 16 classes; on a software adapter: of up to 512 neurons) it runs in the kernel that also adds up parts and goes back to the hidden layer.",
  },
  outputGradient: {
    title: "Gradient of the logits",
    article: "dZ = A - Y",
    here: "dZ = (P - onehot(label)) / batch",
    shapes: ({ batch, outputs }) => `${rows("P", batch, outputs)} → ${rows("dZ", batch, outputs)}`,
    shader: { file: "softmax_cross_entropy.wgsl", entry: "softmax_cross_entropy" },
    reference: { file: "softmax-cross-entropy.ts", name: "softmaxCrossEntropy" },
    test: "reference/gradients.test.ts",
    fused:
      "Computed with the loss. Here dZ carries the division by the mini-batch's size; in the article dW and db do.",
  },
  weightGradient: {
    title: "Gradient of weights and biases",
    article: "dW = 1/m dZ·Aᵀ, db = 1/m Σ dZ",
    here: "dW = dZᵀ·X, db = Σ over samples of dZ",
    shapes: ({ batch, inputs, outputs }) =>
      `${rows("dZ", batch, outputs)}, ${rows("X", batch, inputs)} → dW [${outputs}, ${inputs}], db [${outputs}]`,
    shader: { file: "update.wgsl", entry: "update" },
    reference: { file: "update.ts", name: "weightGradient" },
    test: "reference/gradients.test.ts",
    fused: "Always with the update: in training dW never goes to memory.",
  },
  hiddenGradient: {
    title: "Back to the layer before",
    article: "dA = Wᵀ·dZ, dZ = dA ⊙ A ⊙ (1 - A)",
    here: "dZ_previous = (dZ·W) ⊙ f'(Z)",
    shapes: ({ batch, inputs, outputs }) =>
      `${rows("dZ", batch, outputs)}, W [${outputs}, ${inputs}] → ${rows("dZ_previous", batch, inputs)}`,
    shader: { file: "backward.wgsl", entry: "backward" },
    reference: { file: "backward.ts", name: "backward" },
    test: "reference/gradients.test.ts",
    fused:
      "From the output layer to a hidden layer (on a GPU: with up to 16 classes; on a software adapter: of up to 512 neurons) it runs in the kernel that computes the loss.",
  },
  update: {
    title: "Update",
    article: "W = W - α dW, b = b - α db",
    here: "W -= α dW, b -= α db; other optimizers take another step along dW",
    shapes: ({ inputs, outputs }) => `W [${outputs}, ${inputs}], dW [${outputs}, ${inputs}], b [${outputs}]`,
    shader: { file: "optimizers/optimizer_step.wgsl", entry: "optimizer_step" },
    reference: { file: "optimizers.ts", name: "optimize" },
    test: "reference/optimizers.test.ts",
    fused: "Always: it is the last line of the kernel that computes dW.",
  },
} as const satisfies Record<string, Formula>;

export type FormulaName = keyof typeof formulas;

import { type Fail, quote } from "./file-values.ts";
import { type Link, orderLayers } from "./layer-order.ts";
import { type FloatArray, isFloat32, type Parameters } from "./parameters.ts";
import type { ReadTensorFile, Tensor, UnreadTensor } from "./safetensors.ts";
import { mostHiddenLayers, widestLayer } from "./setting-kinds.ts";

type AnyTensor = Tensor | UnreadTensor;

/** The layers that tensors are put together to, and what there is to say about it. */
export interface TensorLayers {
  readonly parameters: Parameters;
  readonly remarks: readonly string[];
}

/** A fully connected layer as a file holds it. */
interface Layer extends Link {
  /** Name of the weight in the file. */
  readonly weightName: string;
  readonly weight: FloatArray;
  readonly bias: FloatArray;
}

/**
 * Puts the tensors of a file together to fully connected layers: a weight `[outputs, inputs]` and what is called
 * like it, but `.bias` `[outputs]`, zeros if there is none. They follow each other as their shapes fit; names decide
 * only where several orders do. Whole numbers beside them, as counters are, are left out.
 * @throws what `fail` makes, if there are tensors of other kinds of layer, or the layers do not fit each other
 */
export function layersOf({ tensors, unread }: ReadTensorFile, fail: Fail): TensorLayers {
  checkKinds(new Map<string, AnyTensor>([...tensors, ...unread]), fail);
  const weights = [...tensors].filter(([name]) => partOf(name) === "weight");
  const foreign = [...tensors].filter(
    ([name]) => partOf(name) !== "weight" && !(partOf(name) === "bias" && tensors.has(weightBeside(name))),
  );
  if (foreign.length > 0)
    throw fail(`no fully connected layer that is in it has a place for ${listOf(foreign)}`);
  if (weights.length === 0) throw fail("it has no .weight tensor");
  checkDepth(
    weights.map(([, { shape }]) => shape[0]),
    fail,
  );
  const layers = weights.map(([name, tensor]) => readLayer(name, tensor, tensors, fail));
  const order = orderLayers(layers);
  if (!order) {
    throw fail(
      `its layers ${listOf(weights)} do not follow each other in any order: as each has the shape [outputs, inputs], ` +
        "all but the last must have as many outputs as another has inputs",
    );
  }
  const remarks =
    unread.size > 0 ? [`left out, as weights are no whole numbers: ${listOf([...unread])}.`] : [];
  if (order.isGuess) {
    const names = order.layers.map(({ weightName }) => quote(weightName)).join(", ");
    remarks.push(
      `its layers could follow each other in several orders. They are taken as ${names}; ` +
        "number their names if that is wrong.",
    );
  }
  const parameters = order.layers.map(({ inputs, outputs, weight, bias }) => ({
    inputs,
    outputs,
    weight,
    bias,
  }));
  return { parameters, remarks };
}

/** Throws unless layers of these widths, in any order, make a network that the settings table allows. */
export function checkDepth(widths: readonly number[], fail: Fail): void {
  const advice = "Make it smaller";
  const most = mostHiddenLayers + 1;
  if (widths.length > most) throw fail(`it has ${widths.length} layers, expected at most ${most}`, advice);
  const widest = Math.max(...widths);
  if (widest > widestLayer)
    throw fail(`it has a layer of ${widest} outputs, expected at most ${widestLayer}`, advice);
}

/** Throws if values are not what float32 can hold, which networks are computed and kept in. */
function checkValues(values: FloatArray, name: string, fail: Fail): void {
  const wrong = values.findIndex((value) => !isFloat32(value));
  if (wrong >= 0)
    throw fail(`value ${wrong} of ${quote(name)} is ${values[wrong]}, expected a finite float32`);
}

/** What follows the last dot of a tensor's name. */
function partOf(name: string): string {
  return name.slice(name.lastIndexOf(".") + 1);
}

function moduleOf(name: string): string {
  return name.slice(0, Math.max(0, name.lastIndexOf(".")));
}

function weightBeside(bias: string): string {
  return bias.replace(/bias$/, "weight");
}

/** Tensors with their shapes, not too many: `"fc1.weight" [64, 784], "fc1.bias" [64]`. */
function listOf(tensors: readonly (readonly [string, AnyTensor])[]): string {
  const shown = tensors.slice(0, 12).map(([name, { shape }]) => `${quote(name)} [${shape.join(", ")}]`);
  return tensors.length > shown.length
    ? `${shown.join(", ")} and ${tensors.length - shown.length} more`
    : shown.join(", ");
}

/** A kind of layer that networks here do not have. */
interface ForeignKind {
  readonly what: string;
  readonly isIt: (part: string, tensor: AnyTensor) => boolean;
  readonly advice?: string;
}

const removable = (call: string) => `In PyTorch, undo it before saving: ${call}`;

/** Which tensors tell it, surer ones first. */
const foreignKinds: readonly ForeignKind[] = [
  {
    what: "a batch normalisation",
    isIt: (part) => part === "running_mean" || part === "running_var",
    advice: "In PyTorch, fold it into the layer before it: torch.nn.utils.fusion.fuse_linear_bn_eval",
  },
  { what: "a recurrent layer", isIt: (part) => /^(weight|bias)_(ih|hh)(_|$)/.test(part) },
  { what: "an attention layer", isIt: (part) => /^in_proj_(weight|bias)$/.test(part) },
  {
    what: "a layer under weight normalisation",
    isIt: (part) => /^(weight_[gv]|original[01])$/.test(part),
    advice: removable("torch.nn.utils.parametrize.remove_parametrizations, or remove_weight_norm"),
  },
  {
    what: "a pruned layer",
    isIt: (part) => /^(weight|bias)_(orig|mask)$/.test(part),
    advice: removable("torch.nn.utils.prune.remove"),
  },
  {
    what: "a quantised layer",
    isIt: (part, tensor) => /^(weight|bias)$/.test(part) && "dtype" in tensor,
    advice: "Save the network as it was before, in float32",
  },
  { what: "a convolution", isIt: (part, { shape }) => part === "weight" && shape.length > 2 },
  { what: "a normalisation or PReLU", isIt: (part, { shape }) => part === "weight" && shape.length === 1 },
];

function checkKinds(tensors: ReadonlyMap<string, AnyTensor>, fail: Fail): void {
  for (const { what, isIt, advice } of foreignKinds) {
    const found = [...tensors].find(([name, tensor]) => isIt(partOf(name), tensor));
    if (!found) continue;
    const module = moduleOf(found[0]);
    const its = [...tensors].filter(([name]) => moduleOf(name) === module);
    const called = module === "" ? "it" : quote(module);
    throw fail(
      `${called} is ${what}, of ${listOf(its)}, and only fully connected layers are computed here`,
      advice,
    );
  }
}

function readLayer(
  weightName: string,
  { shape, data: weight }: Tensor,
  tensors: ReadonlyMap<string, Tensor>,
  fail: Fail,
): Layer {
  if (shape.length !== 2 || weight.length === 0)
    throw fail(
      `${listOf([[weightName, { shape, data: weight }]])} is no weight [outputs, inputs] of a layer`,
    );
  const [outputs, inputs] = shape;
  const biasName = weightName.replace(/weight$/, "bias");
  const bias = tensors.get(biasName);
  if (bias && (bias.shape.length !== 1 || bias.shape[0] !== outputs))
    throw fail(`${quote(biasName)} has the shape [${bias.shape.join(", ")}], expected [${outputs}]`);
  checkValues(weight, weightName, fail);
  if (bias) checkValues(bias.data, biasName, fail);
  const name = moduleOf(weightName);
  return { name, weightName, inputs, outputs, weight, bias: bias?.data ?? new Float32Array(outputs) };
}

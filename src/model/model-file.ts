import { UserError } from "../errors.ts";
import type { Activation } from "./activations.ts";
import type { LayerParameters, Parameters } from "./parameters.ts";
import { decodeSafetensors, encodeSafetensors, quote, type Tensor } from "./safetensors.ts";
import { type Config, isValid, type SettingName, settings } from "./settings.ts";

/** A network as a file holds it. */
export interface Model {
  readonly parameters: Parameters;
  /** Texts that go with it: the config as JSON, the dataset's name and so on. Foreign files may have none. */
  readonly metadata: ReadonlyMap<string, string>;
}

/**
 * What the hidden layers of a model apply to their sums, as the config in its metadata tells; undefined if it does not,
 * as in files of others and in those written when there was but one, sigmoid.
 * @throws UserError if it names one that there is not
 */
export function activationOf(
  { metadata }: Pick<Model, "metadata">,
  fileName: string,
): Activation | undefined {
  const activation = configIn(metadata).activation;
  if (activation === undefined || isValid("activation", activation)) return activation;
  throw new UserError(
    `${fileName} holds a network with the activation ${quote(String(activation))}, expected ` +
      `${settings.activation.expects}. Use the version of the program that wrote it, or a later one.`,
  );
}

/** The config that metadata hold; whatever of it they do not hold, or not as JSON, is absent. */
function configIn(metadata: Model["metadata"]): Partial<Record<string, unknown>> {
  try {
    return Object(JSON.parse(metadata.get("config") ?? "{}"));
  } catch {
    return {};
  }
}

/** A setting that a model was trained with, as far as its metadata tell a valid one. */
export function settingOf<Name extends SettingName>(
  { metadata }: Pick<Model, "metadata">,
  name: Name,
): Config[Name] | undefined {
  const value = configIn(metadata)[name];
  return isValid(name, value) ? value : undefined;
}

/** What the classes of a model are called, `[classes]`, where its metadata tell. */
export function classNamesOf({ metadata }: Pick<Model, "metadata">): readonly string[] | undefined {
  try {
    const names: unknown = JSON.parse(metadata.get(classNamesKey) ?? "");
    return Array.isArray(names) && names.every((name) => typeof name === "string") ? names : undefined;
  } catch {
    return undefined;
  }
}

/** The entry of the metadata that holds the classes' names, as JSON. */
export const classNamesKey = "classNames";

/** The metadata with `settings` written into their config, whose other settings stay. */
export function withSettings(metadata: Model["metadata"], settings: Partial<Config>): Map<string, string> {
  return new Map(metadata).set("config", JSON.stringify({ ...configIn(metadata), ...settings }));
}

/**
 * The bytes of a model file: safetensors, float32, with the names that PyTorch gives the layers of
 * `nn.Sequential(nn.Linear(...), activation, nn.Linear(...), ...)`: `0.weight` `[out, in]`, `0.bias`, `2.weight`, ...
 * (odd positions are activations). Equal models give equal bytes.
 */
export function encodeModel({ parameters, metadata }: Model): Uint8Array<ArrayBuffer> {
  const tensors = new Map<string, Tensor>();
  for (const [layer, { inputs, outputs, weight, bias }] of parameters.entries()) {
    tensors.set(`${2 * layer}.weight`, { shape: [outputs, inputs], data: Float32Array.from(weight) });
    tensors.set(`${2 * layer}.bias`, { shape: [outputs], data: Float32Array.from(bias) });
  }
  return encodeSafetensors({ tensors, metadata });
}

/**
 * Reads a model file, ours or any safetensors file of fully connected layers: tensors are paired by what precedes
 * `.weight` and `.bias`, and layers follow each other in the natural order of these prefixes (`fc2` before `fc10`). A
 * layer without bias (`nn.Linear(..., bias=False)`) gets zeros, which compute the same.
 * @param fileName what error messages call the file
 * @throws UserError if it is no such file, if its layers do not fit each other, or if a value is not finite
 */
export function decodeModel(bytes: Uint8Array, fileName: string): Model {
  const { tensors, metadata } = decodeSafetensors(bytes, fileName);
  const fail = (what: string) =>
    new UserError(`${fileName} holds no network that can be used here: ${what}.`);
  const parameters = pairTensors(tensors, fail).map((pair) => readLayer(pair, fail));
  for (const [index, { inputs }] of parameters.slice(1).entries()) {
    const { outputs } = parameters[index];
    if (inputs !== outputs)
      throw fail(
        `layer ${index + 2} (in the order of names) takes ${inputs} inputs, but the layer before has ${outputs} outputs`,
      );
  }
  return { parameters, metadata };
}

interface TensorPair {
  /** Name of the weight in the file. */
  readonly name: string;
  readonly weight: Tensor;
  readonly bias: Tensor | undefined;
}

/** The tensors of each layer, first layer first. */
function pairTensors(tensors: ReadonlyMap<string, Tensor>, fail: (what: string) => UserError): TensorPair[] {
  const pairs: TensorPair[] = [];
  for (const [name, tensor] of tensors) {
    const [, prefix, kind] = /^(|.*\.)(weight|bias)$/s.exec(name) ?? [];
    if (kind === undefined)
      throw fail(`tensor ${quote(name)} is neither a .weight nor a .bias of a fully connected layer`);
    if (kind === "weight") pairs.push({ name, weight: tensor, bias: tensors.get(`${prefix}bias`) });
    else if (!tensors.has(`${prefix}weight`)) throw fail(`${quote(name)} has no weight beside it`);
  }
  if (pairs.length === 0) throw fail("it has no .weight tensor");
  const natural = new Intl.Collator("en", { numeric: true });
  return pairs.sort((a, b) => natural.compare(a.name, b.name) || (a.name < b.name ? -1 : 1));
}

function readLayer({ name, weight, bias }: TensorPair, fail: (what: string) => UserError): LayerParameters {
  const shown = quote(name);
  if (weight.shape.length !== 2 || weight.data.length === 0)
    throw fail(`${shown} has shape [${weight.shape}], expected [outputs, inputs] of a fully connected layer`);
  const [outputs, inputs] = weight.shape;
  if (bias && (bias.shape.length !== 1 || bias.shape[0] !== outputs))
    throw fail(`the bias of ${shown} has shape [${bias.shape}], expected [${outputs}]`);
  const layer = { inputs, outputs, weight: weight.data, bias: bias?.data ?? new Float32Array(outputs) };
  if (!layer.weight.every(Number.isFinite) || !layer.bias.every(Number.isFinite))
    throw fail(`${shown} or its bias has values that are not finite numbers`);
  return layer;
}

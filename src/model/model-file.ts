import type { Dataset, ImageShape } from "../data/dataset.ts";
import { largestFloat16 } from "../data/float16.ts";
import { UserError } from "../errors.ts";
import type { Activation } from "./activations.ts";
import { type Fail, shown } from "./file-values.ts";
import { namedTensors } from "./named-tensors.ts";
import { networkName, type Parameters, sizesOf } from "./parameters.ts";
import { decodeSafetensors, encodeSafetensors, type Tensor } from "./safetensors.ts";
import { type Config, isValid, type SettingName, settings } from "./settings.ts";
import { layersOf } from "./tensor-layers.ts";

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
    `${fileName} holds a network with the activation ${shown(activation)}, expected ` +
      `${settings.activation.expects}. Use the version of the program that wrote it, or a later one.`,
  );
}

/** The config that metadata hold; whatever of it they do not hold, or not as JSON that can be written again, is absent. */
function configIn(metadata: Model["metadata"]): Partial<Record<string, unknown>> {
  try {
    const config: unknown = JSON.parse(metadata.get("config") ?? "{}");
    JSON.stringify(config);
    return Object(config);
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

/** Rows and columns of the images that a model was trained on, where its metadata tell. */
export function shapeOf({ metadata }: Pick<Model, "metadata">): ImageShape | undefined {
  const [, rows, columns] = /^(\d+)x(\d+)$/.exec(metadata.get(shapeKey) ?? "") ?? [];
  return rows === undefined ? undefined : { rows: Number(rows), columns: Number(columns) };
}

/** The entry of the metadata that holds the classes' names, as JSON. */
const classNamesKey = "classNames";
/** The entry that tells rows and columns of the images: `28x28`. */
const shapeKey = "images";

/** What a model was trained with. */
export interface TrainedWith {
  readonly config: Config;
  readonly dataset: Pick<Dataset, "name" | "classNames" | "train">;
}

/**
 * What goes with a network that is saved. No time and no path is in it: the same training gives the same bytes.
 * @param program its name and version
 */
export function modelMetadata(
  program: string,
  parameters: Parameters,
  { config, dataset: { name, classNames, train } }: TrainedWith,
): Map<string, string> {
  return new Map([
    ["program", program],
    ["network", networkName(sizesOf(parameters))],
    ["dataset", name],
    [shapeKey, `${train.rows}x${train.columns}`],
    ...(classNames ? [[classNamesKey, JSON.stringify(classNames)] as const] : []),
    ["config", JSON.stringify(config)],
  ]);
}

/** The metadata with `settings` written into their config, whose other settings stay. */
export function withSettings(metadata: Model["metadata"], settings: Partial<Config>): Map<string, string> {
  return new Map(metadata).set("config", JSON.stringify({ ...configIn(metadata), ...settings }));
}

function checkFloat16(parameters: Parameters): void {
  const isBeyond = (number: number) => Math.abs(number) > largestFloat16;
  for (const [layer, { weight, bias }] of parameters.entries()) {
    const beyond = weight.find(isBeyond) ?? bias.find(isBeyond);
    if (beyond !== undefined)
      throw new UserError(
        `Layer ${layer + 1} has the number ${beyond}, but float16 goes to ${largestFloat16}. Store it as float32.`,
      );
  }
}

/**
 * The bytes of a model file: safetensors, float32, with the names that PyTorch gives the layers of
 * `nn.Sequential(nn.Linear(...), activation, nn.Linear(...), ...)`: `0.weight` `[out, in]`, `0.bias`, `2.weight`, ...
 * (odd positions are activations). Equal models give equal bytes.
 * @param stored "F16" for half the bytes, each number rounded to 11 bits
 * @throws UserError if a number is beyond those of float16 then
 */
export function encodeModel(
  { parameters, metadata }: Model,
  stored?: Tensor["stored"],
): Uint8Array<ArrayBuffer> {
  if (stored === "F16") checkFloat16(parameters);
  const tensors = namedTensors(parameters).map(({ name, shape, data }): [string, Tensor] => [
    name,
    { shape, data: Float32Array.from(data), ...(stored && { stored }) },
  ]);
  return encodeSafetensors({ tensors: new Map(tensors), metadata });
}

/** A network that was read of a file. */
export interface ReadModel extends Model {
  /** Sentences about what was left out of it, or guessed. */
  readonly remarks: readonly string[];
}

/**
 * Reads a safetensors file of a network, ours or any other of fully connected layers: tensors are paired by what precedes
 * `.weight` and `.bias`, and layers follow each other as their shapes fit (see `layersOf`). A layer without bias
 * (`nn.Linear(..., bias=False)`) gets zeros, which compute the same.
 * @param fileName what error messages call the file
 * @throws UserError if it is no such file, has layers of other kinds, or a value that float32 cannot hold
 */
export function decodeModel(bytes: Uint8Array, fileName: string): ReadModel {
  const file = decodeSafetensors(bytes, fileName);
  const { metadata } = file;
  const fail: Fail = (what, advice) =>
    new UserError(
      `${fileName} holds no network that can be used here: ${what}.${advice === undefined ? "" : ` ${advice}.`}`,
    );
  if (metadata.has("checkpoint"))
    throw fail(
      "it is a checkpoint of a run",
      "Go on from it with --resume, or take the model.safetensors beside it, once the run has left one",
    );
  const { parameters, remarks } = layersOf(file, fail);
  return { parameters, metadata, remarks: remarks.map((remark) => `${fileName}: ${remark}`) };
}

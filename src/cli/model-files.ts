import type { Dataset, ImageShape, Split } from "../data/dataset.ts";
import { UsageError, UserError } from "../errors.ts";
import type { Activation } from "../model/activations.ts";
import { decodeAnyModel, type ModelFormat } from "../model/any-model.ts";
import { placesInNetwork } from "../model/class-places.ts";
import { quote } from "../model/file-values.ts";
import {
  activationOf,
  classNamesOf,
  encodeModel,
  type Model,
  modelMetadata,
  settingOf,
  shapeOf,
  type TrainedWith,
  withSettings,
} from "../model/model-file.ts";
import { networkName, type Parameters, type Sizes, sizesOf } from "../model/parameters.ts";
import { defaultConfig, settings } from "../model/settings.ts";
import { exists, isDirectory } from "../node/files.ts";
import { mostReadable, readBytes } from "../node/read-bytes.ts";
import { programName } from "../node/version.ts";
import { checkNoSweep } from "./folder-kinds.ts";
import { modelOf } from "./runs/run-model.ts";
import { checkHoldsRun } from "./runs/run-reader.ts";

/** A model file that was read. */
export interface ModelFile extends Model {
  readonly path: string;
  readonly sizes: Sizes;
  /** `784-10-10`. */
  readonly network: string;
  /** What its hidden layers apply. */
  readonly activation: Activation;
  /** Whether it reads images that are deskewed. */
  readonly deskew: boolean;
  /** Whether neither the file nor a flag told the activation, and it matters. */
  readonly isAssumed: boolean;
  /** What its classes are called, where the file tells. */
  readonly classNames?: readonly string[] | undefined;
  /** Rows and columns of its images, where the file tells. */
  readonly shape?: ImageShape | undefined;
  /** For people: the network, the file, and what it was trained on if the file tells. */
  readonly description: string;
}

export interface ReadOptions {
  /** Is told what was left out of the network, or guessed. */
  readonly notice: (line: string) => void;
  /** What the hidden layers apply, whatever the file tells. */
  readonly activation?: Activation | undefined;
  /** That the network reads deskewed images, whatever the file tells; the metadata tell it then. */
  readonly deskew?: boolean | undefined;
  /** What the file is, if not what its first bytes tell. */
  readonly format?: ModelFormat | undefined;
}

/**
 * Reads a model file of any format that there is, or that of the run in the folder that is named. An activation that neither
 * file nor options tell is taken for sigmoid, and the description says so.
 * @throws UserError if it cannot be read or holds no network
 */
export async function readModel(
  source: string,
  { notice, format, activation: given, deskew: isDeskewing = false }: ReadOptions,
): Promise<ModelFile> {
  const path = await modelAt(source);
  const { remarks, ...read } = decodeAnyModel(await readBytes(path, mostReadable), path, format);
  const model = isDeskewing ? { ...read, metadata: withSettings(read.metadata, { deskew: true }) } : read;
  for (const remark of remarks) notice(remark);
  const sizes = sizesOf(model.parameters);
  const network = networkName(sizes);
  const dataset = model.metadata.get("dataset");
  const told = activationOf(model, path);
  if (given && told && given !== told)
    notice(`${path} tells that its hidden layers apply ${told}: --activation ${given} is taken instead.`);
  const activation = given ?? told ?? defaultConfig.activation;
  const deskew = settingOf(model, "deskew") ?? defaultConfig.deskew;
  const isAssumed = (given ?? told) === undefined && sizes.length > 2;
  const description = [
    `${network} from ${path}`,
    ...(dataset ? [`trained on ${quote(dataset)}`] : []),
    ...(deskew ? ["of deskewed images"] : []),
    ...(isAssumed ? [`taken for ${activation}: the file does not tell (--activation does)`] : []),
  ].join(", ");
  return {
    ...model,
    path,
    sizes,
    network,
    activation,
    deskew,
    isAssumed,
    description,
    classNames: classNamesOf(model),
    shape: shapeOf(model),
  };
}

/** The model file that is named, or that of the run in the folder that is. */
async function modelAt(source: string): Promise<string> {
  if (!(await isDirectory(source))) return source;
  await checkNoSweep(source);
  const path = await modelOf(source);
  if (!(await exists(path))) await checkHoldsRun(source);
  return path;
}

/**
 * Reads a model file of which more is going to be made, as `readModel` does.
 * @throws UsageError if its activation is not told: a wrong one would go on unseen
 */
export async function readToldModel(path: string, options: ReadOptions): Promise<ModelFile> {
  const model = await readModel(path, options);
  if (!model.isAssumed) return model;
  throw new UsageError(
    `${path} holds a network ${model.network}, but does not tell what its hidden layers apply to their sums. ` +
      `Give --activation, ${settings.activation.expects}; PyTorch's examples mostly have relu.`,
  );
}

/** The bytes of model.safetensors: the parameters, and what they were trained with. */
export function modelBytes(parameters: Parameters, trained: TrainedWith): Uint8Array {
  return encodeModel({ parameters, metadata: modelMetadata(programName, parameters, trained) });
}

/** Checks that images are of the shape that a network takes. Throws a UserError that calls them those of `name`. */
export function checkImages(
  { path, sizes, network, shape }: Task,
  { rows, columns }: ImageShape,
  name: string,
): void {
  if (rows * columns !== sizes[0]) {
    throw new UserError(
      `${path} holds a network ${network} for images of ${sizes[0]} pixels, but those of ${name} have ` +
        `${rows}x${columns} = ${rows * columns}. Choose a model and data of one size.`,
    );
  }
  if (shape && (shape.rows !== rows || shape.columns !== columns)) {
    throw new UserError(
      `${path} holds a network ${network} for images of ${shape.rows}x${shape.columns} pixels, but those of ${name} have ` +
        `${rows}x${columns}. Choose a model and data of one shape.`,
    );
  }
}

/** What tells of a network which data it is for. */
type Task = Pick<ModelFile, "path" | "sizes" | "network" | "classNames" | "shape">;

/**
 * The data that was found for a run, as its network takes it (see `fitDataset`).
 * @param compare throws if it is other data than the run's: of data that does not fit the network either, that says more
 */
export async function fitFound(
  found: Dataset,
  model: Task,
  compare: (dataset: Dataset) => Promise<void>,
): Promise<Dataset> {
  let dataset: Dataset;
  try {
    dataset = fitDataset(found, model);
  } catch (misfit) {
    await compare(found);
    throw misfit;
  }
  await compare(dataset);
  return dataset;
}

/**
 * `dataset` with as many classes as the network has outputs, and the labels that the network has for its classes (see
 * `classPlaces`).
 * @throws UserError if the network takes images of another size, or does not have all classes
 */
export function fitDataset(dataset: Dataset, model: Task): Dataset {
  const { path, sizes, network } = model;
  checkImages(model, dataset.train, dataset.name);
  const outputs = sizes[sizes.length - 1];
  const used = new Set([...new Set(dataset.train.labels), ...new Set(dataset.test.labels)]);
  const own = { path, classes: outputs, classNames: model.classNames };
  const places = placesInNetwork(
    dataset,
    own,
    [...used].sort((one, other) => one - other),
  );
  if (!places && outputs < dataset.classes) {
    throw new UserError(
      `${path} holds a network ${network} for ${outputs} classes, but ${dataset.name} has ${dataset.classes}. ` +
        "Choose a model with more outputs, or other data.",
    );
  }
  const relabelled = (split: Split): Split =>
    places ? { ...split, labels: split.labels.map((label) => places[label]) } : split;
  return {
    ...dataset,
    ...{ classes: outputs, train: relabelled(dataset.train), test: relabelled(dataset.test) },
    // Without names, the network's classes are called by their numbers.
    classNames: model.classNames ?? (places ? undefined : dataset.classNames),
  };
}

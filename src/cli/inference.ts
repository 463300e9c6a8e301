import type { ImageShape, Split } from "../data/dataset.ts";
import { builtInName } from "../data/digits.ts";
import { setNames, setTitles } from "../data/set-names.ts";
import { UserError } from "../errors.ts";
import { settingOf } from "../model/model-file.ts";
import { type Config, defaultConfig, flagOf } from "../model/settings.ts";
import { CompileTime } from "../training/compile-time.ts";
import { createCpuEngine } from "../training/engine/cpu-engine.ts";
import type { Engine } from "../training/engine/engine.ts";
import { createWebGpuEngine } from "../training/webgpu/webgpu-engine.ts";
import type { Compute } from "./compute.ts";
import type { ModelFile } from "./model-files.ts";
import { slowStart } from "./runs/slow-start.ts";

/** Flags that name data, or say what is made of it. */
export interface DataFlags extends Partial<Pick<Config, "dataset" | "transpose">> {
  readonly data?: string;
}

/** What help says of the flags of data where they are not given. */
export const usualData = {
  dataset: "the one that the model was trained on, else auto",
  transpose: "as in training, unless --dataset names another set",
};

/**
 * The data for a model, or for those of an ensemble, unless flags say otherwise: the set that they were trained on, if that has a
 * name, prepared as it was in training. A set that `dataset` names and none was trained on is taken as it is.
 * @throws UserError if they were trained on several sets, or some on transposed images and others not
 */
export function dataFor(
  models: readonly ModelFile[],
  { dataset, data, transpose }: DataFlags,
): Pick<Config, "dataset" | "transpose"> & Pick<DataFlags, "data"> {
  const isOther = data === undefined && dataset !== undefined && !models.some(isTrainedOn(dataset));
  return {
    ...(data !== undefined && { data }),
    dataset: dataset ?? (data === undefined ? trainedOn(models) : undefined) ?? defaultConfig.dataset,
    transpose: transpose ?? (isOther ? false : transposeOf(models)),
  };
}

/**
 * The set that a network was trained on, as its setting tells or, of `auto`, the name of what was found; undefined for data of
 * the user's own and where the file does not tell.
 */
function setOf(model: ModelFile): NamedData | undefined {
  const setting = settingOf(model, "dataset");
  if (setting !== undefined && setting !== "auto") return setting;
  const name = model.metadata.get("dataset");
  return name === builtInName ? "synthetic" : setNames.find((set) => setTitles[set] === name);
}

/** What data of the user's own are called that a network was trained on, where the file tells. */
export function ownDataOf(model: ModelFile): string | undefined {
  return setOf(model) === undefined ? model.metadata.get("dataset") : undefined;
}

/** What `--dataset` names. */
type NamedData = Exclude<Config["dataset"], "auto">;

const isTrainedOn = (dataset: Config["dataset"]) => (model: ModelFile) =>
  dataset === setOf(model) || dataset === settingOf(model, "dataset");

/** The set that networks were trained on, as far as their files tell. */
function trainedOn(models: readonly ModelFile[]): NamedData | undefined {
  const sets = [...setNames, "synthetic" as const].flatMap((name) => {
    const model = models.find((each) => setOf(each) === name);
    return model ? [{ name, path: model.path }] : [];
  });
  const [first, second] = sets;
  if (second)
    throw new UserError(
      `${first.path} was trained on ${first.name}, but ${second.path} on ${second.name}. Leave one of them out, or name the ` +
        "data that all are to read: --dataset or --data.",
    );
  return first?.name;
}

/** Whether networks were trained on transposed images, as far as their files tell. */
function transposeOf(models: readonly ModelFile[]): boolean {
  const is = (transpose: boolean) => models.find((model) => settingOf(model, "transpose") === transpose);
  const [transposed, plain] = [is(true), is(false)];
  if (transposed && plain)
    throw new UserError(
      `${transposed.path} was trained on transposed images, but ${plain.path} was not. Leave one of them out, or give ` +
        `${flagOf("transpose")} if both are to read transposed ones.`,
    );
  return transposed !== undefined;
}

/** The most images that the CPU computes at once. The GPU chooses for itself. */
const batchSize = 64;

/**
 * Weights times images from which kernels that suit the adapter pay, on software adapters, for being compiled: evaluating took
 * 4.1 s of portable and 6.1 s of unrolled ones with 2e9, 17.5 s and 9.8 s with 1.3e10.
 */
const manyProducts = 5e9;

/** An engine with the parameters of `model`, to evaluate and predict `count` images with. It goes when `compute` does. */
export async function openModel(
  model: ModelFile,
  compute: Compute,
  { count, ...shape }: Pick<Split, "count" | "rows" | "columns">,
): Promise<Engine> {
  const { sizes, parameters, activation, deskew } = model;
  const products = count * parameters.reduce((sum, { weight }) => sum + weight.length, 0);
  const shared = {
    sizes,
    batchSize,
    train: blankSplit(shape),
    settings: { ...defaultConfig, activation, deskew },
  };
  // The portable kernels are compiled soonest.
  const kernels = products < manyProducts ? "portable" : "auto";
  const engine = compute.gpu
    ? await createWebGpuEngine({ ...shared, gpu: compute.gpu, kernels })
    : createCpuEngine(shared);
  engine.setParameters(parameters);
  const compileTime = new CompileTime();
  const telling = slowStart(compute.notice, compileTime);
  try {
    await engine.compileFor?.("evaluation", compileTime.heard);
  } finally {
    telling.stop();
  }
  return engine;
}

/** Stands in for the training images that engines are made around: one blank image of that shape. */
function blankSplit({ rows, columns }: ImageShape): Split {
  return { images: new Uint8Array(rows * columns), labels: Uint8Array.of(0), count: 1, rows, columns };
}

import { className, type Dataset, type ImageShape, type Split } from "../data/dataset.ts";
import { UserError } from "../errors.ts";
import { type Classes, classPlaces } from "../model/class-places.ts";
import { quote } from "../model/file-values.ts";
import { loadDataset } from "../node/mnist-files.ts";
import type { Engine, Predictions } from "../training/engine/engine.ts";
import { judge, meanProbabilities } from "../training/ensemble.ts";
import type { Compute } from "./compute.ts";
import { type DataFlags, dataFor, openModel, ownDataOf } from "./inference.ts";
import { checkImages, fitDataset, type ModelFile, type ReadOptions, readModel } from "./model-files.ts";

/**
 * Reads the model files of an ensemble, or the one file of a network by itself.
 * @param read `readModel`, or what is stricter
 * @throws UserError if one cannot be read, or they do not read the same images as the same classes
 */
export async function readModels(
  paths: readonly string[],
  options: ReadOptions,
  read: (path: string, options: ReadOptions) => Promise<ModelFile> = readModel,
): Promise<ModelFile[]> {
  const models: ModelFile[] = [];
  for (const path of paths) models.push(await read(path, options));
  for (const other of models) {
    for (const expected of [spokesmanOf(models), models.find(({ shape }) => shape) ?? other]) {
      if (haveOneTask(expected, other)) continue;
      const [wanted, got] = [taskOf(expected, other), taskOf(other, expected)];
      throw new UserError(
        `${other.path} takes ${got}, but ${expected.path} takes ${wanted}. The networks of an ensemble must read the same ` +
          "images as the same classes: leave one of them out.",
      );
    }
  }
  return models;
}

/** The network that tells what an ensemble reads, whatever their order: the first whose classes have names, if any have. */
export function spokesmanOf(models: readonly ModelFile[]): ModelFile {
  return models.find(({ classNames }) => classNames) ?? models[0];
}

/**
 * The data that flags name for an ensemble, or for the one network, else what it was trained on, if that has a name (see
 * `dataFor`), with its classes.
 * @param notice hears of a network that was trained on data of the user's own, which nobody named
 * @throws UserError if there is none, or if it is not for all of them
 */
export async function loadFor(
  models: readonly ModelFile[],
  flags: DataFlags,
  notice: (line: string) => void,
): Promise<Dataset> {
  // Of built-in digits, which are drawn one by one, no more are trained on here than tell classes and shape.
  const found = await loadDataset({ ...dataFor(models, flags), notice }, { digits: { train: 10 } });
  const dataset = fitToAll(found, models);
  const other = models.find((model) => (ownDataOf(model) ?? dataset.name) !== dataset.name);
  if (other && flags.data === undefined && flags.dataset === undefined)
    notice(
      `${other.path} was trained on ${quote(ownDataOf(other)!)}, but here it reads ${dataset.name}: --data names its own data.`,
    );
  return dataset;
}

/**
 * A data set with the classes of an ensemble, or of the one network (see `fitDataset`).
 * @throws UserError if it is not for all of them
 */
export function fitToAll(dataset: Dataset, models: readonly ModelFile[]): Dataset {
  for (const model of models) checkImages(model, dataset.train, dataset.name);
  return fitDataset(dataset, spokesmanOf(models));
}

const classesOf = ({ sizes, classNames }: ModelFile): Classes => ({
  classes: sizes[sizes.length - 1],
  classNames,
});

/** Whether two networks read the same images as the same classes, as far as both their files tell. */
function haveOneTask(one: ModelFile, other: ModelFile): boolean {
  const [classes, others] = [classesOf(one), classesOf(other)];
  const places = classPlaces(classes, others);
  return (
    one.sizes[0] === other.sizes[0] &&
    (!one.shape || !other.shape || one.shape.rows === other.shape.rows) &&
    classes.classes === others.classes &&
    (!places || places.every((place, label) => place === label))
  );
}

/** What a network is for: images of so many pixels, and what they are read as, told in what another's file tells too. */
function taskOf(model: ModelFile, other: ModelFile): string {
  const { sizes, shape, classNames } = model;
  const { classes } = classesOf(model);
  const pixels = shape && other.shape ? `${shape.rows}x${shape.columns}` : sizes[0];
  const isNamed = classPlaces(classesOf(model), classesOf(other)) !== undefined;
  const names = Array.from({ length: classes }, (_, label) => quote(className(classNames, label)));
  return `images of ${pixels} pixels as ${isNamed ? `the classes ${names.join(", ")}` : `${classes} classes`}`;
}

/**
 * Probabilities `[count, classes]` of images of a shape: those of the network, or the mean of several.
 * @param images bytes `[count, rows * columns]`
 */
export async function predictWith(
  models: readonly ModelFile[],
  compute: Compute,
  images: Uint8Array,
  { rows, columns }: ImageShape,
): Promise<Float32Array> {
  const given = { count: images.length / (rows * columns), rows, columns };
  const members = await each(models, compute, given, (engine) => engine.predict(images));
  checkNumbers(
    models,
    members.map((probabilities) => probabilities.every(Number.isFinite)),
  );
  return members.length === 1 ? members[0] : meanProbabilities(members);
}

/** What the networks make of a split: each by itself, and all together. */
export async function evaluateWith(
  models: readonly ModelFile[],
  compute: Compute,
  split: Split,
): Promise<{ readonly members: readonly Predictions[]; readonly together: Predictions }> {
  const found = await each(models, compute, split, async (engine) => ({
    alone: await engine.evaluate(split),
    probabilities: models.length > 1 ? await engine.predict(split.images) : new Float32Array(),
  }));
  const members = found.map(({ alone }) => alone);
  checkNumbers(
    models,
    members.map(({ losses }) => losses.every(Number.isFinite)),
  );
  if (members.length === 1) return { members, together: members[0] };
  const probabilities = meanProbabilities(found.map((member) => member.probabilities));
  return { members, together: judge(probabilities, split.labels) };
}

/**
 * @param areNumbers of each network, whether all that it answers are
 * @throws UserError naming one whose answers are not: the largest of them is none, nor is a mean with them
 */
function checkNumbers(models: readonly ModelFile[], areNumbers: readonly boolean[]): void {
  const lost = areNumbers.indexOf(false);
  if (lost < 0) return;
  const advice = models.length > 1 ? "Leave it out of the ensemble." : "Choose another model.";
  throw new UserError(
    `${models[lost].path} gives probabilities that are no numbers: its weights are too large to compute with here. ${advice}`,
  );
}

/** One after the other: as much memory as one network takes. */
async function each<T>(
  models: readonly ModelFile[],
  compute: Compute,
  images: Pick<Split, "count" | "rows" | "columns">,
  ask: (engine: Engine) => Promise<T>,
): Promise<T[]> {
  const answers: T[] = [];
  for (const model of models) {
    const engine = await openModel(model, compute, images);
    answers.push(await ask(engine));
    engine.destroy();
  }
  return answers;
}

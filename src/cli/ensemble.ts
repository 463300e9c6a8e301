import type { ImageShape, Split } from "../data/dataset.ts";
import { UserError } from "../errors.ts";
import { quote } from "../model/file-values.ts";
import type { Engine, Predictions } from "../training/engine/engine.ts";
import { judge, meanProbabilities } from "../training/ensemble.ts";
import type { Compute } from "./compute.ts";
import { openModel } from "./inference.ts";
import { type ModelFile, type ReadOptions, readModel } from "./model-files.ts";

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
  const expected = spokesmanOf(models);
  for (const other of models) {
    const named = expected.classNames !== undefined && other.classNames !== undefined;
    const [wanted, got] = [expected, other].map((model) => task(model, named));
    if (got === wanted) continue;
    throw new UserError(
      `${other.path} takes ${got}, but ${expected.path} takes ${wanted}. The networks of an ensemble must read the same ` +
        "images as the same classes: leave one of them out.",
    );
  }
  return models;
}

/** The network that tells what an ensemble reads, whatever their order: the first whose classes have names, if any have. */
export function spokesmanOf(models: readonly ModelFile[]): ModelFile {
  return models.find(({ classNames }) => classNames) ?? models[0];
}

/** What a network is for: images of so many pixels, and what they are read as. */
function task({ sizes, classNames = [] }: ModelFile, named: boolean): string {
  const classes = sizes[sizes.length - 1];
  const words = named ? `the classes ${classNames.map(quote).join(", ")}` : `${classes} classes`;
  return `images of ${sizes[0]} pixels as ${words}`;
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
  if (members.length === 1) return { members, together: members[0] };
  const probabilities = meanProbabilities(found.map((member) => member.probabilities));
  return { members, together: judge(probabilities, split.labels) };
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

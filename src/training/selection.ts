import { type Dataset, imagesBetween, type Split, usedImages } from "../data/dataset.ts";
import { UsageError, UserError } from "../errors.ts";
import type { Parameters } from "../model/parameters.ts";
import { type Config, flagOf } from "../model/settings.ts";

/** Figures of the evaluation after an epoch. */
export interface EpochScore {
  /** Number of the epoch, from 1. */
  readonly epoch: number;
  readonly loss: number;
  readonly accuracy: number;
}

/** What the evaluations of the validation images have said so far. */
export interface Selection {
  /** The best of them; the first of equals. */
  readonly best?: EpochScore;
  /** The parameters that it was of, where the config asks to keep them. */
  readonly parameters?: Parameters;
  /** Evaluations since then. */
  readonly since: number;
}

/** The selection before the first evaluation. */
export const noSelection: Selection = { since: 0 };

/**
 * The selection after one more evaluation, which was of `parameters` if they are to be kept. Weights that have diverged are
 * never the best ones, whatever their accuracy.
 */
export function select(selection: Selection, score: EpochScore, parameters?: Parameters): Selection {
  const isBest = Number.isFinite(score.loss) && (!selection.best || isBetter(score, selection.best));
  if (!isBest) return { ...selection, since: selection.since + 1 };
  return { best: score, since: 0, ...(parameters && { parameters }) };
}

/** More images right, or as many with a lower loss. */
function isBetter(a: EpochScore, b: EpochScore): boolean {
  return a.accuracy > b.accuracy || (a.accuracy === b.accuracy && a.loss < b.loss);
}

/** Whether the watched images are looked at after so many epochs. */
export function evaluatesAfter({ evaluateEvery }: Pick<Config, "evaluateEvery">, epochs: number): boolean {
  return evaluateEvery > 0 && epochs % evaluateEvery === 0;
}

/** Whether the evaluations so far are a reason to stop. */
export function stopsEarly({ patience }: Pick<Config, "patience">, { since }: Selection): boolean {
  return patience > 0 && since >= patience;
}

/**
 * The data of a run: the training images within the limit, the last of them set apart for validation if the config
 * asks for that.
 * @throws UserError if too few images are left to train on; UsageError if a setting lacks another one that it needs
 */
export function splitDataset(
  config: Pick<Config, "limit" | "validation" | "patience" | "keepBest" | "evaluateEvery" | "batchSize">,
  dataset: Dataset,
): { readonly dataset: Dataset; readonly validation?: Split } {
  checkSelection(config);
  const used = usedImages(config.limit, dataset.train.count);
  if (used < 1) throw new UserError("There are no training images. Give at least one.");
  const kept = used - config.validation;
  if (kept < 1) {
    throw new UserError(
      `${flagOf("validation")} ${config.validation} leaves nothing of the ${used} training images to train on. ` +
        `Set at most ${used - 1} apart.`,
    );
  }
  if (config.evaluateEvery > 0 && config.validation === 0 && dataset.test.count < 1) {
    throw new UserError(
      "There are no test images to evaluate the network with. " +
        `Give some, set training images apart by ${flagOf("validation")}, or leave evaluations out by ` +
        `${flagOf("evaluateEvery")} 0.`,
    );
  }
  if (config.batchSize > kept) {
    throw new UserError(
      `The batch size ${config.batchSize} is larger than the training set of ${kept} images. ` +
        `Use at most ${kept}.`,
    );
  }
  return {
    dataset: { ...dataset, train: imagesBetween(dataset.train, 0, kept) },
    ...(config.validation > 0 && { validation: imagesBetween(dataset.train, kept, used) }),
  };
}

function checkSelection(
  config: Pick<Config, "validation" | "patience" | "keepBest" | "evaluateEvery">,
): void {
  const wanting = config.patience > 0 ? "patience" : config.keepBest ? "keepBest" : undefined;
  if (wanting === undefined) return;
  const missing = (["validation", "evaluateEvery"] as const).filter((name) => config[name] === 0);
  if (missing.length === 0) return;
  throw new UsageError(
    `${flagOf(wanting)} needs ${missing.map((name) => `${flagOf(name)} above 0`).join(" and ")}: ` +
      "it goes by the evaluations of validation images. Give what it needs, or leave it out.",
  );
}

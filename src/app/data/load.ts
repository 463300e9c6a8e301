import type { Dataset } from "../../data/dataset.ts";
import { writeDigits } from "../../data/digits.ts";
import { namedSets } from "../../data/named-sets.ts";
import { transposed } from "../../data/transpose.ts";
import { UserError } from "../../errors.ts";
import type { Config } from "../../model/settings.ts";
import { DataAbsentError, fetchSet } from "./fetch-mnist.ts";

export interface DataRequest {
  readonly choice: Config["dataset"];
  /** How many training images are needed; 0 for all. */
  readonly limit: number;
  /** Whether rows and columns are exchanged. */
  readonly transpose: boolean;
  /** Address of the folder that has one for each data set, with a slash at its end. */
  readonly base: string;
}

/** How far loading is, 0 to 1, and what is being done, in words. */
export interface DataProgress {
  readonly share: number;
  readonly task: string;
}

export interface LoadedData {
  readonly dataset: Dataset;
  /** What the person at the page should know: why it is not MNIST. */
  readonly note?: string;
}

/** Training images of the built-in digits when there is no limit: as many as in MNIST. */
const mostDigits = 60_000;

/**
 * The data set that a config asks for; `auto` is MNIST where it can be had, and the built-in digits elsewhere.
 * @throws UserError if a data set is asked for by name and cannot be had
 */
export async function loadData(
  request: DataRequest,
  progress: (value: DataProgress) => void,
): Promise<LoadedData> {
  const loaded = await findData(request, progress);
  return request.transpose ? { ...loaded, dataset: transposed(loaded.dataset) } : loaded;
}

async function findData(
  { choice, limit, base }: DataRequest,
  progress: (value: DataProgress) => void,
): Promise<LoadedData> {
  const digits = () => drawDigits(limit, (share) => progress({ share, task: "Drawing the built-in digits" }));
  if (choice === "synthetic") return { dataset: digits() };
  const name = choice === "auto" ? "mnist" : choice;
  try {
    const fetching = (share: number) => progress({ share, task: `Fetching ${namedSets[name].title}` });
    return { dataset: await fetchSet(name, base, fetching) };
  } catch (error) {
    if (choice !== "auto" || !(error instanceof UserError)) throw error;
    const reason = error instanceof DataAbsentError ? "MNIST is not on this server." : error.message;
    return { dataset: digits(), note: `${reason} This page trains on its built-in digits instead.` };
  }
}

function drawDigits(limit: number, progress: (share: number) => void): Dataset {
  const writing = writeDigits({ train: limit === 0 ? mostDigits : Math.min(limit, mostDigits) });
  let step = writing.next();
  for (; !step.done; step = writing.next()) progress(step.value);
  return step.value;
}

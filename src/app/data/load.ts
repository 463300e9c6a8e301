import type { Dataset } from "../../data/dataset.ts";
import { digitsWithin, writeDigits } from "../../data/digits.ts";
import { readData } from "../../data/formats/read-data.ts";
import { setTitles } from "../../data/set-names.ts";
import { transposed } from "../../data/transpose.ts";
import { UserError } from "../../errors.ts";
import type { Config } from "../../model/settings.ts";
import { DataAbsentError, fetchSet } from "./fetch-mnist.ts";
import { dataFiles, type GivenData } from "./given.ts";

export interface DataRequest {
  readonly choice: Config["dataset"];
  /** How many training images are needed; 0 for all. */
  readonly limit: number;
  /** Whether rows and columns are exchanged. */
  readonly transpose: boolean;
  /** Address of the folder that has one for each data set, with a slash at its end. */
  readonly base: string;
  /** The user's own data, whatever the choice. */
  readonly given?: GivenData | undefined;
}

/** How far loading is, 0 to 1, and what is being done, in words. */
export interface DataProgress {
  /** Not known of every task. */
  readonly share?: number;
  readonly task: string;
}

export interface LoadedData {
  readonly dataset: Dataset;
  /** What the person at the page should know: why it is not MNIST, what is odd about it. */
  readonly notes: readonly string[];
  /** Whether there are no more training images than were asked for, though there could be. */
  readonly limited?: boolean;
}

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
  { choice, limit, base, given }: DataRequest,
  progress: (value: DataProgress) => void,
): Promise<LoadedData> {
  if (given) return readGiven(given, progress);
  const digits = (notes: readonly string[] = []) => {
    const drawn = (share: number) => progress({ share, task: "Drawing the built-in digits" });
    return {
      dataset: drawDigits(limit, drawn),
      notes,
      limited: digitsWithin(limit).train < digitsWithin(0).train,
    };
  };
  if (choice === "synthetic") return digits();
  const name = choice === "auto" ? "mnist" : choice;
  try {
    const fetching = (share: number) => progress({ share, task: `Fetching ${setTitles[name]}` });
    return { dataset: await fetchSet(name, base, fetching), notes: [] };
  } catch (error) {
    if (choice !== "auto" || !(error instanceof UserError)) throw error;
    const reason = error instanceof DataAbsentError ? "MNIST is not on this server." : error.message;
    return digits([`${reason} This page trains on its built-in digits instead.`]);
  }
}

/** Reads a user's own data as the command line's `--data` does. */
async function readGiven(given: GivenData, progress: (value: DataProgress) => void): Promise<LoadedData> {
  const { name, files } = given;
  const notes: string[] = [];
  let done = 0;
  const read = () => {
    // Folders of pictures have tens of thousands of files.
    if (++done % 100 === 0 || files.length < 100)
      progress({ share: done / files.length, task: `Reading ${name}` });
  };
  const source = { named: name, name, origin: `${name}, opened on this page`, files: dataFiles(given, read) };
  const dataset = await readData(source, { notice: (line) => void notes.push(line) });
  return { dataset, notes };
}

function drawDigits(limit: number, progress: (share: number) => void): Dataset {
  const writing = writeDigits(digitsWithin(limit));
  let step = writing.next();
  for (; !step.done; step = writing.next()) progress(step.value);
  return step.value;
}

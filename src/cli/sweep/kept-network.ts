import { join } from "node:path";
import { UserError } from "../../errors.ts";
import { type ModelFile, readModel } from "../model-files.ts";
import type { EndRecord } from "../runs/records.ts";
import { metricsName, modelName } from "../runs/run-folder.ts";
import { type Run, readRun } from "../runs/run-reader.ts";

/** A network that a sweep has kept. */
export interface KeptNetwork {
  readonly run: Run;
  readonly end: EndRecord;
  readonly model: ModelFile;
}

/**
 * Reads the run folder of a network that is done.
 * @throws UserError if something of it is missing or damaged
 */
export async function readKept(path: string, notice: (line: string) => void): Promise<KeptNetwork> {
  const run = await readRun(path, notice);
  const { end } = run;
  if (!end)
    throw new UserError(
      `${join(path, metricsName)} does not tell how the network ended. Use the folder as the sweep left it.`,
    );
  return { run, end, model: await readModel(join(path, modelName), { notice }) };
}

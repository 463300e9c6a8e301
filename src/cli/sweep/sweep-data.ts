import type { Dataset } from "../../data/dataset.ts";
import { UserError } from "../../errors.ts";
import type { DatasetIdentity } from "../../model/checkpoint-file.ts";
import { loadDataset } from "../../node/mnist-files.ts";
import { identify, isSameData } from "../../training/identity.ts";
import { recordedRequest } from "../recorded-data.ts";
import { sha256 } from "../runs/checkpoints.ts";
import { configOf } from "./sweep-lines.ts";
import type { ReadSweep } from "./sweep-reader.ts";

/**
 * The data of a sweep, by the name that it had when the sweep began.
 * @param flag which flag names the sweep
 * @throws UserError if other data is found
 */
export async function loadSweepData(
  { path, description }: ReadSweep,
  data: string | undefined,
  flag: string,
  notice: (line: string) => void,
): Promise<Dataset> {
  const { identity } = description;
  const config = configOf(description, 1);
  const dataset = await loadDataset(
    { ...recordedRequest(config, identity.name, data), transpose: config.transpose, notice },
    { digits: { train: identity.train } },
  );
  const found = await identify(dataset, { limit: 0 }, sha256);
  if (isSameData(found, identity)) return { ...dataset, name: identity.name };
  const text = ({ name, sha256 }: DatasetIdentity) => `${name} (SHA-256 ${sha256.slice(0, 12)}...)`;
  throw new UserError(
    `${flag} ${path}: the sweep is of ${text(identity)}, but the data here is ${text(found)}. Name the data that it began ` +
      "with: --data.",
  );
}

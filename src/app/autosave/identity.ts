import type { Dataset } from "../../data/dataset.ts";
import type { DatasetIdentity } from "../../model/checkpoint-file.ts";
import type { Config } from "../../model/settings.ts";
import { identify } from "../../training/identity.ts";
import type { BackgroundFunctions } from "../workers/background.ts";
import type { WorkerCalls } from "../workers/calls.ts";

/** Bytes that are copied at a time: all of MNIST at once would hold the page up for 100 ms. */
const pieceBytes = 4 << 20;

/** The identity of the data of a config, worked out in the background. */
export function identifyInBackground(
  dataset: Dataset,
  config: Config,
  background: WorkerCalls<BackgroundFunctions>,
): Promise<DatasetIdentity> {
  return identify(dataset, config, async (parts) => {
    const pieces: Blob[] = [];
    for (const part of parts) {
      for (let start = 0; start < part.length; start += pieceBytes) {
        pieces.push(new Blob([part.subarray(start, start + pieceBytes)]));
        await new Promise((wake) => setTimeout(wake));
      }
    }
    return background.call("sha256", new Blob(pieces));
  });
}

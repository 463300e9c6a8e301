import type { Dataset } from "../../data/dataset.ts";
import { type Initialiser, initialise } from "../../model/initialise.ts";
import type { Parameters, Sizes } from "../../model/parameters.ts";
import { type SavedState, savedState, saveState } from "../autosave/state-file.ts";
import { type DataProgress, type DataRequest, type LoadedData, loadData } from "../data/load.ts";

/* What takes long and needs neither the page nor a GPU. */

export const backgroundFunctions = {
  loadData: (request: DataRequest, progress: (value: DataProgress) => void): Promise<LoadedData> =>
    loadData(request, progress),
  initialise: ({ sizes, initialiser, seed }: InitialiseRequest): Parameters =>
    initialise(sizes, initialiser, seed),
  /** In hexadecimal. */
  async sha256(bytes: Blob): Promise<string> {
    const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", await bytes.arrayBuffer()));
    return Array.from(hash, (byte) => byte.toString(16).padStart(2, "0")).join("");
  },
  saveState,
  savedState,
};

interface InitialiseRequest {
  readonly sizes: Sizes;
  readonly initialiser: Initialiser;
  readonly seed: number;
}

export type BackgroundFunctions = typeof backgroundFunctions;

/** The buffers of a result that are handed over instead of copied. */
export function handedOver(result: Result): ArrayBuffer[] {
  // What came in one archive may lie in one buffer.
  return [...new Set(arraysOf(result).map(({ buffer }) => buffer as ArrayBuffer))];
}

type Result = Awaited<ReturnType<BackgroundFunctions[keyof BackgroundFunctions]>>;

/** The large arrays of a result. */
function arraysOf(result: Result): ArrayBufferView[] {
  if (!result || typeof result === "string" || "unusable" in result) return [];
  if ("dataset" in result) return pixelsOf(result.dataset);
  return networksOf(result).flatMap((layers) => layers.flatMap(({ weight, bias }) => [weight, bias]));
}

function networksOf(result: Parameters | SavedState): Parameters[] {
  return "checkpoint" in result ? Object.values(result.checkpoint.networks) : [result];
}

function pixelsOf({ train, test }: Dataset): ArrayBufferView[] {
  return [train.images, train.labels, test.images, test.labels];
}

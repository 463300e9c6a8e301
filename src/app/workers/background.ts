import type { Dataset } from "../../data/dataset.ts";
import { type Initialiser, initialise } from "../../model/initialise.ts";
import type { Parameters, Sizes } from "../../model/parameters.ts";
import { type DataProgress, type DataRequest, type LoadedData, loadData } from "../data/load.ts";
import { serveCalls } from "./calls.ts";

/* What takes long and needs neither the page nor a GPU. */

const functions = {
  loadData: (request: DataRequest, progress: (value: DataProgress) => void): Promise<LoadedData> =>
    loadData(request, progress),
  initialise: ({ sizes, initialiser, seed }: InitialiseRequest): Parameters =>
    initialise(sizes, initialiser, seed),
};

interface InitialiseRequest {
  readonly sizes: Sizes;
  readonly initialiser: Initialiser;
  readonly seed: number;
}

export type BackgroundFunctions = typeof functions;

serveCalls(functions, (result) => {
  const arrays = Array.isArray(result) ? arraysOf(result) : pixelsOf((result as LoadedData).dataset);
  return arrays.map(({ buffer }) => buffer as ArrayBuffer);
});

function arraysOf(parameters: Parameters): ArrayBufferView[] {
  return parameters.flatMap(({ weight, bias }) => [weight, bias]);
}

function pixelsOf({ train, test }: Dataset): ArrayBufferView[] {
  return [train.images, train.labels, test.images, test.labels];
}

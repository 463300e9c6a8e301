import { mkdtemp, rm } from "node:fs/promises";
import { resolve } from "node:path";
import type { TestProject } from "vitest/node";

declare module "vitest" {
  interface ProvidedContext {
    /** A folder for what test files build and share: see products.ts. */
    readonly products: string;
  }
}

/** Makes the folder before all test files; it goes after them. */
export default async function setup({ provide }: TestProject): Promise<() => Promise<void>> {
  // Beside the installed packages, where the native one is found as it is from dist/.
  const products = await mkdtemp(resolve("node_modules", ".tested-"));
  provide("products", products);
  return () => rm(products, { recursive: true, force: true });
}

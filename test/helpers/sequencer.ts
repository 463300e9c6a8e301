import type { TestSequencer, TestSpecification } from "vitest/node";

/** What takes minutes, the longest first: files that compile many kernels, open pages and start processes. */
const long = [
  "/training/webgpu/",
  "/app/",
  "/cli/runs/",
  "/kernels/kernels",
  "/cli/",
  "/training/",
  "/types",
  "/faults/",
];

/** What measures time, and is to have the machine for itself. */
const last = "/app/responsive";

/** Begins with the long files, so that no worker is left with one while the others have nothing to do. */
export class LongestFirst implements TestSequencer {
  sort(files: TestSpecification[]): TestSpecification[] {
    const rank = ({ moduleId }: TestSpecification) => {
      if (moduleId.includes(`/test${last}`)) return long.length + 1;
      const found = long.findIndex((part) => moduleId.includes(`/test${part}`));
      return found < 0 ? long.length : found;
    };
    return files.toSorted((one, other) => rank(one) - rank(other));
  }

  shard(): never {
    throw new Error("--shard: the suite is not divided among machines.");
  }
}

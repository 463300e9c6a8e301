import type { Gpu } from "../gpu/gpu.ts";
import { compare } from "../reference/compare.ts";
import { KernelBench } from "./verify/bench.ts";
import { casesFor, kernelCases } from "./verify/cases.ts";

/** How one kernel's output compares with the reference's on one shape. */
export interface KernelResult {
  readonly kernel: string;
  readonly case: string;
  /** Largest absolute difference. */
  readonly maxError: number;
  /** What was allowed, and why. */
  readonly tolerance: string;
  readonly passed: boolean;
}

/** What there is to verify, by name. */
export const kernelNames: readonly string[] = [...new Set(kernelCases.map(({ kernel }) => kernel))];

/**
 * Runs every kernel that this very device can run against the CPU reference.
 * @param names of `kernelNames`, those to run
 * @returns whether all of them agree
 * @throws RangeError for a name that no kernel has
 */
export async function verifyKernels(
  gpu: Gpu,
  onResult: (result: KernelResult) => void,
  names = kernelNames,
): Promise<boolean> {
  const unknown = names.find((name) => !kernelNames.includes(name));
  if (unknown !== undefined)
    throw new RangeError(`there is no kernel ${unknown}: expected names of ${kernelNames.join(", ")}`);
  let allPassed = true;
  for (const kernelCase of casesFor(gpu).filter(({ kernel }) => names.includes(kernel))) {
    const bench = new KernelBench(gpu);
    try {
      for (const { what, actual, expected, tolerance, reason } of await kernelCase.run(bench)) {
        const { mismatches, worst } = compare(actual, expected, tolerance);
        const passed = mismatches === 0;
        allPassed &&= passed;
        onResult({
          kernel: kernelCase.kernel,
          case: `${kernelCase.case}: ${what}`,
          maxError: Math.abs(worst.actual - worst.expected),
          tolerance: `${tolerance.atol.toExponential(1)} + ${tolerance.rtol.toExponential(1)} x |expected|, for ${reason}`,
          passed,
        });
      }
    } finally {
      bench.destroy();
    }
  }
  return allPassed;
}

import type { Tolerance } from "../../reference/compare.ts";
import type { LayerForm } from "../layer.ts";
import { type KernelBench, padRows } from "./bench.ts";

/** What a kernel put out, beside what the reference says. */
export interface Outcome {
  readonly what: string;
  readonly actual: ArrayLike<number>;
  readonly expected: ArrayLike<number>;
  readonly tolerance: Tolerance;
  /** Why this tolerance. */
  readonly reason: string;
}

/** One check of one kernel on one shape. */
export interface KernelCase {
  readonly kernel: string;
  readonly case: string;
  /** The form that an adapter has to support to run it; any adapter can unless given. */
  readonly form?: LayerForm;
  run(bench: KernelBench): Promise<Outcome[]>;
}

/**
 * A sum of n float32 products is off by a few times sqrt(n) roundings of 6e-8, relative to its terms, which are up to 4: the most
 * among 286,300 sums of 70 terms was 4.4e-6 (llvmpipe).
 */
export const sums = (terms: number) => ({
  tolerance: { atol: 1e-6 + 5e-7 * Math.sqrt(terms), rtol: 1e-5 },
  reason: `float32 sums of ${terms} terms`,
});
export const elementwise = { tolerance: { atol: 1e-6, rtol: 1e-5 }, reason: "float32 exp and log" };
export const exact = { tolerance: { atol: 0, rtol: 0 }, reason: "integers" };

/** Compares a buffer of padded rows with rows `[*, columns]` of the reference; what lies behind them is left alone. */
export function rowsCheck(
  what: string,
  actual: ArrayBuffer,
  expected: Float32Array | Float64Array,
  columns: number,
  allowed: Pick<Outcome, "tolerance" | "reason">,
): Outcome {
  const padded = padRows(Float32Array.from(expected), columns);
  return { what, actual: new Float32Array(actual).subarray(0, padded.length), expected: padded, ...allowed };
}

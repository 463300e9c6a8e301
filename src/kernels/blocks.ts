import { vectors, vectorWidth } from "./layout.ts";
import { quad } from "./stretches.ts";

/** The results, of all that a layer has, that one invocation of the unrolled kernels computes. */
export interface Block {
  /** Blocks that it takes for all results. */
  readonly count: number;
  /**
   * For the text: its vectors of results (GROUPS), those of them for each invocation of a quad (SETS), its results (RESULTS),
   * and how many of each vector (N0, N1 ...).
   */
  readonly variants: Readonly<Record<string, string>>;
}

/**
 * Blocks of up to `sets` vectors for each invocation of a quad, as equal as can be: all share one text. A layer that is one
 * block leaves out what pads its last vector, a sixth of the work for ten neurons.
 */
export function blockOf(results: number, sets = 1): Block {
  const count = Math.ceil(vectors(results) / (sets * quad));
  const groups = Math.ceil(vectors(results) / count);
  const computed = count === 1 ? results : groups * vectorWidth;
  const ofGroup = (group: number) => Math.min(vectorWidth, computed - group * vectorWidth);
  const counts = Array.from({ length: groups }, (_, group) => [`N${group}`, String(ofGroup(group))]);
  return {
    count,
    variants: {
      GROUPS: String(groups),
      SETS: String(Math.ceil(groups / quad)),
      RESULTS: String(computed),
      ...Object.fromEntries(counts),
    },
  };
}

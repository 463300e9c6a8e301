/** How far two computations of the same numbers may be apart: `|actual - expected| <= atol + rtol |expected|`. */
export interface Tolerance {
  readonly atol: number;
  readonly rtol: number;
}

/** One pair of numbers, at position `index`. */
export interface Difference {
  readonly index: number;
  readonly actual: number;
  readonly expected: number;
}

export interface Comparison {
  readonly count: number;
  /** How many numbers are out of tolerance. */
  readonly mismatches: number;
  /** The first few that are. */
  readonly first: readonly Difference[];
  /** The one that uses most of its tolerance, or exceeds it most. */
  readonly worst: Difference;
}

const mostReported = 5;

/**
 * Compares `actual` with `expected`, number by number. NaN and infinities, on either side, are out of tolerance.
 * @throws RangeError if there is nothing to compare, or not the same number of numbers
 */
export function compare(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  { atol, rtol }: Tolerance,
): Comparison {
  const count = expected.length;
  if (actual.length !== count) throw new RangeError(`got ${actual.length} numbers, expected ${count}`);
  if (count === 0) throw new RangeError("there are no numbers to compare");
  const first: Difference[] = [];
  let mismatches = 0;
  let worst = 0;
  let largestShare = -1;
  for (let index = 0; index < count; index++) {
    const difference = Math.abs(actual[index] - expected[index]);
    const allowed = atol + rtol * Math.abs(expected[index]);
    // An infinite reference would allow any difference; and NaN compares false, hence the negation.
    const close = Number.isFinite(expected[index]) && difference <= allowed;
    if (!close && ++mismatches <= mostReported) first.push(differenceAt(index, actual, expected));
    const share = difference === 0 ? 0 : Number.isNaN(difference) ? Infinity : difference / allowed;
    if (share > largestShare) {
      largestShare = share;
      worst = index;
    }
  }
  return { count, mismatches, first, worst: differenceAt(worst, actual, expected) };
}

function differenceAt(index: number, actual: ArrayLike<number>, expected: ArrayLike<number>): Difference {
  return { index, actual: actual[index], expected: expected[index] };
}

import type { FloatArray } from "./parameters.ts";

/** Numbers this many times their root mean square have the full colour. */
const fullColour = 3;

/** The size from which on numbers have the full colour in pictures of them: three times their root mean square. */
export function colourLimit(values: FloatArray): number {
  let sum = 0;
  for (const value of values) sum += value * value;
  return fullColour * Math.sqrt(sum / values.length) || 1;
}

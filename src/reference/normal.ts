/** The density of the standard normal distribution at z. */
export function normalDensity(z: number): number {
  return Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI);
}

/**
 * The share of the standard normal distribution that lies below z, to 1e-15: its series about 0, whose terms all have one sign
 * (Marsaglia, "Evaluating the normal distribution", Journal of Statistical Software 11, 2004).
 */
export function normalBelow(z: number): number {
  if (Number.isNaN(z)) return z;
  // Farther out it is 0 or 1 to within 1e-18.
  if (Math.abs(z) > 9) return z < 0 ? 0 : 1;
  let term = z;
  let sum = 0;
  for (let odd = 3; sum + term !== sum; odd += 2) {
    sum += term;
    term *= (z * z) / odd;
  }
  return 0.5 + sum * normalDensity(z);
}

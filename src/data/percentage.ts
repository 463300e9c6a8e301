/** 100 times a fraction, with so many digits behind the point: `100` and zeros only for all of it. */
export function percentage(fraction: number, digits: number): string {
  const text = (100 * fraction).toFixed(digits);
  return fraction < 1 && Number(text) === 100 ? (100 - 10 ** -digits).toFixed(digits) : text;
}

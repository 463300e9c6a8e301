/** The largest number that float16 has. */
export const largestFloat16 = 65_504;

/** IEEE 754 binary16: 1 sign bit, 5 exponent bits (bias 15), 10 fraction bits. */
export function fromFloat16(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : Number.NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** The bits of the float16 number next to `value`, the even one of two equally near; infinity from 65,520 on. */
export function toFloat16(value: number): number {
  if (Number.isNaN(value)) return 0x7e00;
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const size = Math.abs(value);
  const exponent = Math.min(Math.max(Math.floor(Math.log2(size)), -14), 15);
  // In units of the last place, 2^(exponent - 10). A double near 2^52 has no fraction: adding rounds, half to even.
  const units = size / 2 ** (exponent - 10) + 2 ** 52 - 2 ** 52;
  // The leading 1 of `units`, or what rounding carried beyond it, counts as part of the exponent; subnormals have neither.
  return sign | Math.min(((exponent + 14) << 10) + units, 0x7c00);
}

/** bfloat16 is the upper half of a float32. */
export function fromBfloat16s(buffer: ArrayBuffer): Float32Array {
  return new Float32Array(Uint32Array.from(new Uint16Array(buffer), (bits) => bits << 16).buffer);
}

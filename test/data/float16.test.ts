import fc from "fast-check";
import { expect, test } from "vitest";
import { fromFloat16, largestFloat16, toFloat16 } from "../../src/data/float16.ts";

const everyNumber = Array.from({ length: 0x7c00 }, (_, bits) => fromFloat16(bits));

test("every float16 number comes back as the same bits, of either sign", () => {
  for (let bits = 0; bits <= 0x7c00; bits++) {
    expect(toFloat16(fromFloat16(bits))).toBe(bits);
    expect(toFloat16(fromFloat16(bits | 0x8000))).toBe(bits | 0x8000);
  }
  expect(everyNumber.at(-1)).toBe(largestFloat16);
  expect(fromFloat16(toFloat16(Number.NaN))).toBeNaN();
});

test("a number between two goes to the nearer one", () => {
  fc.assert(
    fc.property(fc.nat(0x7bfe), fc.double({ min: 0, max: 1, noNaN: true }), (bits, part) => {
      const [below, above] = [everyNumber[bits], everyNumber[bits + 1]];
      const value = below + (above - below) * part;
      const middle = (below + above) / 2;
      fc.pre(value !== middle);
      expect(toFloat16(value)).toBe(value < middle ? bits : bits + 1);
    }),
  );
});

test("a number in the middle of two goes to the even one", () => {
  for (let bits = 0; bits < 0x7bff; bits++)
    expect(toFloat16((everyNumber[bits] + everyNumber[bits + 1]) / 2)).toBe(bits + (bits % 2));
});

test("what is nearer to the next power of two than to the largest is infinite", () => {
  expect(toFloat16(65_519.9)).toBe(0x7bff);
  expect(toFloat16(65_520)).toBe(0x7c00);
  expect(toFloat16(-1e300)).toBe(0xfc00);
  expect(toFloat16(Number.POSITIVE_INFINITY)).toBe(0x7c00);
});

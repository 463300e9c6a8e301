import { describe, expect, test } from "vitest";
import { type Draw, draw, pcg4d, signed, streams, uniform } from "../../src/reference/random.ts";

/** The paper's listing, in integers of any size reduced modulo 2^32. */
function independent(...key: number[]): number[] {
  const u32 = (value: bigint) => value & 0xffffffffn;
  let [x, y, z, w] = key.map((value) => u32(BigInt(value) * 1664525n + 1013904223n));
  const mix = () => {
    x = u32(x + y * w);
    y = u32(y + z * x);
    z = u32(z + x * y);
    w = u32(w + y * z);
  };
  mix();
  [x, y, z, w] = [x, y, z, w].map((value) => value ^ (value >> 16n));
  mix();
  return [x, y, z, w].map(Number);
}

test.each([
  [0, 0, 0, 0],
  [1, 2, 3, 4],
  [4294967295, 1, 16, 4294967295],
  [7, 1000000, 2, 123456789],
])("pcg4d of %d, %d, %d, %d is what whole-number arithmetic gives", (...key) => {
  expect(pcg4d(...key)).toEqual(independent(...key));
});

test("a draw is the hash of seed, step, stream and index, in this order", () => {
  expect(draw({ seed: 5, step: 6 }, streams.elastic, 8)).toEqual(pcg4d(5, 6, 1, 8));
});

test("uniform and signed take the upper 24 bits", () => {
  expect([0, 255, 256, 2 ** 31, 2 ** 32 - 1].map(uniform)).toEqual([0, 0, 2 ** -24, 0.5, 1 - 2 ** -24]);
  expect([0, 2 ** 31, 2 ** 32 - 1].map(signed)).toEqual([-1, 0, 1 - 2 ** -23]);
});

describe("what is drawn along each part of the key", () => {
  const count = 65_536;
  const along: Record<string, (i: number) => Draw> = {
    index: (i) => draw({ seed: 1, step: 1 }, streams.affine, i),
    step: (i) => draw({ seed: 1, step: i + 1 }, streams.affine, 0),
    seed: (i) => draw({ seed: i, step: 1 }, streams.affine, 0),
    stream: (i) => draw({ seed: 1, step: 1 }, i, 0),
  };

  test.each(Object.keys(along))("%s is uniform in every lane, and lanes are independent", (part) => {
    const draws = Array.from({ length: count }, (_, i) => along[part](i));
    for (let lane = 0; lane < 4; lane++) {
      const counts = new Array(256).fill(0);
      for (const drawn of draws) counts[Math.floor(uniform(drawn[lane]) * 256)]++;
      const expected = count / 256;
      const chiSquare = counts.reduce((sum, n) => sum + (n - expected) ** 2 / expected, 0);
      // Chi-square with 255 degrees of freedom: mean 255, standard deviation 22.6; 5 of them either way.
      expect(chiSquare).toBeGreaterThan(255 - 5 * 22.6);
      expect(chiSquare).toBeLessThan(255 + 5 * 22.6);
      // Signed numbers have variance 1/3; a mean of products of two independent ones has deviation 1/3 / sqrt(n).
      for (let other = 0; other < lane; other++) {
        const mean =
          draws.reduce((sum, drawn) => sum + signed(drawn[lane]) * signed(drawn[other]), 0) / count;
        expect(Math.abs(mean)).toBeLessThan(5 / 3 / Math.sqrt(count));
      }
      // So has one with its successor.
      let serial = 0;
      for (let i = 1; i < count; i++) serial += signed(draws[i][lane]) * signed(draws[i - 1][lane]);
      expect(Math.abs(serial / count)).toBeLessThan(5 / 3 / Math.sqrt(count));
    }
  });
});

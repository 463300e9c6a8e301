import { expect, test } from "vitest";
import { stretchesOf } from "../../src/kernels/stretches.ts";

test.each([
  [1, { vectors: 1, count: 1, parts: 1 }],
  [17, { vectors: 1, count: 17, parts: 5 }],
  [32, { vectors: 8, count: 4, parts: 1 }],
  [196, { vectors: 7, count: 28, parts: 7 }],
])("a row of %i vectors has stretches that quads share evenly", (rowVectors, stretches) => {
  expect(stretchesOf(rowVectors)).toEqual(stretches);
});

test("stretches cover every row exactly", () => {
  for (let rowVectors = 1; rowVectors <= 300; rowVectors++) {
    const { vectors, count, parts } = stretchesOf(rowVectors);
    expect(vectors * count).toBe(rowVectors);
    expect(parts).toBe(Math.ceil(count / 4));
  }
});

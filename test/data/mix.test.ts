import { expect, test } from "vitest";
import type { Dataset, Split } from "../../src/data/dataset.ts";
import { withOwn } from "../../src/data/mix.ts";

/** Images of one pixel, each with the byte that its label is. */
const split = (labels: readonly number[]): Split => {
  const bytes = Uint8Array.from(labels);
  return { images: bytes, labels: bytes.slice(), count: labels.length, rows: 1, columns: 1 };
};
const dataset: Dataset = {
  name: "ten",
  origin: "a test",
  classes: 256,
  train: split([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]),
  test: split([0]),
};

test.each([
  { share: 0.5, used: 0, trained: [100, 101, 100, 101, 100, 5, 6, 7, 8, 9] },
  { share: 0.5, used: 4, trained: [100, 101, 2, 3, 4, 5, 6, 7, 8, 9] },
  { share: 0, used: 0, trained: [100, 101, 2, 3, 4, 5, 6, 7, 8, 9] },
  { share: 1, used: 99, trained: [100, 101, 100, 101, 100, 101, 100, 101, 100, 101] },
  { share: 0.1, used: 1, trained: [100, 1, 2, 3, 4, 5, 6, 7, 8, 9] },
])("$share of the first $used images are one's own, in turn", ({ share, used, trained }) => {
  const { train, test } = withOwn(dataset, split([100, 101]), share, used);
  expect([...train.images]).toEqual(trained);
  expect([...train.labels]).toEqual(trained);
  expect(train.count).toBe(10);
  expect(test).toBe(dataset.test);
  expect([...dataset.train.labels]).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
});

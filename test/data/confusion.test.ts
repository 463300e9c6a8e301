import { expect, test } from "vitest";
import { classResults, commonConfusions, confusionMatrix } from "../../src/data/confusion.ts";

//                             right  as 1  right right as 0 as 0
const labels = Uint8Array.of(0, 0, 1, 2, 2, 2);
const predicted = Uint16Array.of(0, 1, 1, 2, 0, 0);
const matrix = confusionMatrix(labels, predicted, 4);

test("counts predictions, labels in rows", () => {
  expect(matrix).toEqual({
    classes: 4,
    counts: Uint32Array.of(1, 1, 0, 0, 0, 1, 0, 0, 2, 0, 1, 0, 0, 0, 0, 0), // biome-ignore format: a matrix
  });
});

test.each([
  ["a label", [0, 4], [0, 1], "image 1 is of class 4, taken for 1, but there are 4 classes"],
  ["a prediction", [0, 1], [9, 1], "image 0 is of class 0, taken for 9, but there are 4 classes"],
  ["fewer predictions", [0, 1], [0], "there are 1 predictions for 2 labels"],
  ["more predictions", [0], [0, 1], "there are 2 predictions for 1 labels"],
])("refuses %s that cannot be", (_, of, as, message) => {
  expect(() => confusionMatrix(Uint8Array.from(of), Uint16Array.from(as), 4)).toThrow(RangeError);
  expect(() => confusionMatrix(Uint8Array.from(of), Uint16Array.from(as), 4)).toThrow(message);
});

test("gives the accuracy of each class, and none to a class without images", () => {
  expect(classResults(matrix)).toEqual([
    { images: 2, correct: 1, accuracy: 1 / 2 },
    { images: 1, correct: 1, accuracy: 1 },
    { images: 3, correct: 1, accuracy: 1 / 3 },
    { images: 0, correct: 0, accuracy: undefined },
  ]);
});

test("lists mistakes, the most frequent first", () => {
  expect(commonConfusions(matrix, 9)).toEqual([
    { label: 2, predicted: 0, count: 2 },
    { label: 0, predicted: 1, count: 1 },
  ]);
  expect(commonConfusions(matrix, 1)).toHaveLength(1);
});

test("keeps the order of labels and predictions among equally frequent mistakes", () => {
  const equal = confusionMatrix(Uint8Array.of(2, 1, 1, 0), Uint16Array.of(0, 2, 0, 1), 3);
  expect(commonConfusions(equal, 9).map(({ label, predicted }) => [label, predicted])).toEqual([
    [0, 1],
    [1, 0],
    [1, 2],
    [2, 0],
  ]);
});

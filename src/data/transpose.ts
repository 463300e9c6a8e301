import { type Dataset, imageSize, type Split } from "./dataset.ts";

/** `dataset` with rows and columns of every image exchanged: EMNIST's are stored that way. Its origin says so. */
export function transposed(dataset: Dataset): Dataset {
  const { origin, train, test } = dataset;
  return {
    ...dataset,
    origin: `${origin}, transposed`,
    train: transposedSplit(train),
    test: transposedSplit(test),
  };
}

/** `split` with rows and columns of every image exchanged. */
export function transposedSplit(split: Split): Split {
  const { rows, columns, count, images } = split;
  const size = imageSize(split);
  const result = new Uint8Array(count * size);
  for (let start = 0; start < count * size; start += size) {
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        result[start + column * rows + row] = images[start + row * columns + column];
      }
    }
  }
  return { ...split, rows: columns, columns: rows, images: result };
}

/** Height and width of images, in pixels. */
export interface ImageShape {
  readonly rows: number;
  readonly columns: number;
}

/** Labelled images of one size, all in memory as bytes. */
export interface Split extends ImageShape {
  /** Pixels `[count, rows * columns]`, one byte each: 0 is background, 255 is ink. The network sees byte / 255. */
  readonly images: Uint8Array;
  /** The class of each image, `[count]`. */
  readonly labels: Uint8Array;
  readonly count: number;
}

/** A training and a test split of the same image size and classes. */
export interface Dataset {
  /** What every output calls it, e.g. `MNIST` or `built-in digits`. */
  readonly name: string;
  /** Where the bytes came from, in words: a folder, a mirror, a generator and its seed. */
  readonly origin: string;
  /** Number of classes: as many as have names, or one more than the largest label of either split. */
  readonly classes: number;
  /** What people call the classes, `[classes]`, where they have names other than their numbers. */
  readonly classNames?: readonly string[] | undefined;
  readonly train: Split;
  readonly test: Split;
}

/** What people call a class: its name, or its number where it has none. */
export function className(classNames: readonly string[] | undefined, label: number): string {
  return classNames?.[label] ?? String(label);
}

/** A class with its number, and its name where it has one: `7 sneaker`. */
export function classTitle(classNames: readonly string[] | undefined, label: number): string {
  const name = classNames?.[label];
  return name === undefined ? String(label) : `${label} ${name}`;
}

/** Pixels per image: the input width of a network for this split. */
export function imageSize(split: Split): number {
  return split.rows * split.columns;
}

/** The pixels of image `index` (a view). */
export function imageAt(split: Split, index: number): Uint8Array {
  const size = imageSize(split);
  return split.images.subarray(index * size, (index + 1) * size);
}

/** How many of `count` images are used within `limit`; 0 for all. */
export function usedImages(limit: number, count: number): number {
  return limit > 0 ? Math.min(limit, count) : count;
}

/** The first `count` images of `split` (views, no copy); the whole split if it holds no more than that. */
export function firstImages(split: Split, count: number): Split {
  return count >= split.count ? split : imagesBetween(split, 0, count);
}

/** Images `from` to `to` (not included) of `split`: views, no copy. */
export function imagesBetween(split: Split, from: number, to: number): Split {
  const size = imageSize(split);
  return {
    ...split,
    count: to - from,
    images: split.images.subarray(from * size, to * size),
    labels: split.labels.subarray(from, to),
  };
}

/** Copies of the images at `places` of `split`, in that order. */
export function imagesAt(split: Split, places: ArrayLike<number>): Split {
  const size = imageSize(split);
  const images = new Uint8Array(places.length * size);
  const labels = new Uint8Array(places.length);
  for (let index = 0; index < places.length; index++) {
    images.set(imageAt(split, places[index]), index * size);
    labels[index] = split.labels[places[index]];
  }
  return { ...split, count: places.length, images, labels };
}

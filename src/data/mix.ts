import { type Dataset, imageAt, imageSize, type Split, usedImages } from "./dataset.ts";

/**
 * The data set with `own` among the first `used` training images, in place of as many of those: each in turn, until they
 * are `share` of them. Counts stay, so that training on it can go on where it is.
 * @param own at least one image, of the data set's size and classes
 * @param share 0 to 1; each of `own` is there at least once, as far as there is room
 * @param used training images that will be used; 0 for all
 */
export function withOwn(dataset: Dataset, own: Split, share: number, used: number): Dataset {
  const { train } = dataset;
  const among = usedImages(used, train.count);
  const copies = Math.min(among, Math.max(own.count, Math.round(share * among)));
  const size = imageSize(train);
  const [images, labels] = [train.images.slice(), train.labels.slice()];
  for (let place = 0; place < copies; place++) {
    const index = place % own.count;
    images.set(imageAt(own, index), place * size);
    labels[place] = own.labels[index];
  }
  return { ...dataset, train: { ...train, images, labels } };
}

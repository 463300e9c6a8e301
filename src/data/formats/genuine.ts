import type { Dataset, Split } from "../dataset.ts";
import { encodeImages, encodeLabels } from "../idx.ts";
import { verify } from "../mnist.ts";
import { type Manifest, mnistManifest } from "../mnist-manifest.ts";

/** Whether images and labels are MNIST's, whatever the format that they came in. */
export async function isMnist(
  { train, test }: Dataset,
  manifest: Manifest = mnistManifest,
): Promise<boolean> {
  const { trainImages, trainLabels, testImages, testLabels } = manifest;
  const isOf = async (split: Split, images: typeof trainImages, labels: typeof trainLabels) =>
    split.labels.length + 8 === labels.bytes &&
    split.images.length + 16 === images.bytes &&
    (await verify(labels, encodeLabels(split.labels))) &&
    (await verify(images, encodeImages({ ...split, pixels: split.images })));
  return (await isOf(test, testImages, testLabels)) && (await isOf(train, trainImages, trainLabels));
}

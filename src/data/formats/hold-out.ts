import { UserError } from "../../errors.ts";
import { imagesAt, type Split } from "../dataset.ts";
import { randomStream } from "../random.ts";

/** Where there are no test images, one in so many training images becomes one, as in MNIST: 10,000 of 70,000. */
export const testShare = 7;

/**
 * Sets test images apart from `split`: chosen at random, but the same ones every time, whatever is trained on the others and
 * tested with them. Those that stay keep their order.
 * @param name what an error message calls the images
 * @throws UserError if there is but one image
 */
export function holdOut(split: Split, name: string): { train: Split; test: Split } {
  const { count } = split;
  if (count < 2)
    throw new UserError(`${name} holds one image. Expected at least two: one to train on, one to test.`);
  const apart = Math.max(1, Math.round(count / testShare));
  const random = randomStream(1, "split", 1);
  const isTest = new Uint8Array(count);
  for (let left = apart; left > 0; ) {
    const index = random.integer(count);
    if (isTest[index]) continue;
    isTest[index] = 1;
    left--;
  }
  const places = Uint32Array.from({ length: count }, (_, index) => index);
  const marked = (mark: number) =>
    imagesAt(
      split,
      places.filter((index) => isTest[index] === mark),
    );
  return { train: marked(0), test: marked(1) };
}

import type { ImageShape } from "../../data/dataset.ts";
import { deskewed } from "../../data/deskew.ts";
import type { StepSettings } from "../../model/settings.ts";

/**
 * Images as a network reads them: what an engine makes of all that it is given, to train on or to answer for.
 * @param images bytes `[count, rows * columns]`
 */
export function asRead(
  images: Uint8Array,
  { deskew }: Pick<StepSettings, "deskew">,
  shape: ImageShape,
): Uint8Array {
  return deskew ? deskewed(images, shape) : images;
}

/** Splits, which never change, as networks read them that deskew. */
const upright = new WeakMap<ImageShape, ImageShape>();

/** A split as a network reads it: the same one every time, since engines keep what they have uploaded of it. */
export function splitAsRead<Kind extends ImageShape & { readonly images: Uint8Array }>(
  split: Kind,
  settings: Pick<StepSettings, "deskew">,
): Kind {
  if (!settings.deskew) return split;
  const read = upright.get(split) ?? { ...split, images: asRead(split.images, settings, split) };
  upright.set(split, read);
  return read as Kind;
}

import { deskewed } from "../../data/deskew.ts";
import type { StepSettings } from "../../model/settings.ts";
import type { ImageShape } from "../../reference/shapes.ts";

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

/** Images of splits, which never change, as networks read them that deskew: evaluations ask for the same ones every time. */
const upright = new WeakMap<Uint8Array, Uint8Array>();

/** A split as a network reads it. */
export function splitAsRead<Kind extends ImageShape & { readonly images: Uint8Array }>(
  split: Kind,
  settings: Pick<StepSettings, "deskew">,
): Kind {
  if (!settings.deskew) return split;
  const images = upright.get(split.images) ?? asRead(split.images, settings, split);
  upright.set(split.images, images);
  return { ...split, images };
}

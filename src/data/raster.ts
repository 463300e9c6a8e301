/** A picture of any size in shades of gray. */
export interface GrayImage {
  readonly width: number;
  readonly height: number;
  /** `[height, width]`, black to white: bytes 0 to 255, or floats 0 to 1. */
  readonly pixels: Uint8Array | Float32Array;
}

/** A part of a raster. `bottom` and `right` are the last row and column that belong to it. */
export interface Box {
  readonly top: number;
  readonly bottom: number;
  readonly left: number;
  readonly right: number;
}

/** Ink that hangs together. */
export interface Stroke extends Box {
  /** Sum over its pixels. */
  readonly ink: number;
  /** Indices of its pixels. */
  readonly members: readonly number[];
}

/** Ink on nothing. */
export interface Raster {
  readonly rows: number;
  readonly columns: number;
  /** `[rows, columns]`, 0 is paper, more is ink; the unit is that of the picture. */
  readonly pixels: Float32Array;
}

/** The box around all of `boxes`. */
export function boxOf(boxes: readonly Box[]): Box {
  return boxes.reduce((a, b) => ({
    top: Math.min(a.top, b.top),
    bottom: Math.max(a.bottom, b.bottom),
    left: Math.min(a.left, b.left),
    right: Math.max(a.right, b.right),
  }));
}

/*
 * How a product of matrices is cut into tiles, one a workgroup: the sizes of shaders/tiled/tiles.wgsl. Rows, columns and terms
 * are counted in vectors of four.
 */

/** A tile: invocations along its rows and across its columns, and the blocks of 4 x 4 of each in either direction. */
interface Tile {
  readonly along: number;
  readonly across: number;
  readonly reach: number;
  /** Vectors of terms in workgroup memory at a time. */
  readonly depth: number;
}

/** Invocations of a workgroup: one or two subgroups on every GPU. */
export const threads = 64;
/** The same for `workgroup_sums.wgsl`. */
export const threadsVariants = { THREADS: String(threads), EIGHTHS: String(threads / 8) };

/**
 * 8 x 8 results an invocation: what it reads of workgroup memory feeds eight times as many multiply-adds, which is what a GPU
 * needs to be busy with these.
 */
const large: Tile = { along: 8, across: 8, reach: 2, depth: 4 };
/** 4 x 4 results an invocation: four times as many workgroups for products that have few. */
const small: Tile = { along: 8, across: 8, reach: 1, depth: 8 };
/** The same for few columns, or few rows. */
const high: Tile = { along: 16, across: 4, reach: 1, depth: 8 };
const wide: Tile = { along: 4, across: 16, reach: 1, depth: 8 };

/** As many large tiles as give most processors of a GPU something to do. */
const leastLargeTiles = 128;
/** Workgroups that hide each other's latencies on a large GPU: sums are cut into slices until there are about as many. */
const wantedWorkgroups = 384;

/** A product `[rows, columns]` in tiles. */
export interface Tiling {
  /** Tiles side by side that cover all columns. */
  readonly blocks: number;
  /** Tiles that cover the product. */
  readonly tiles: number;
  /** What `tiles.wgsl` is to be filled with. */
  readonly variants: Readonly<Record<string, string>>;
  /** Vectors of terms in workgroup memory at a time. */
  readonly depth: number;
}

export function tilingOf(rows: number, columns: number): Tiling {
  const tile = tileFor(rows, columns);
  const { along, across, reach, depth } = tile;
  const loads = (width: number) => String(Math.max(1, (width * reach * depth) / threads));
  return {
    ...gridOf(tile, rows, columns),
    variants: {
      ALONG: String(along),
      ACROSS: String(across),
      REACH: String(reach),
      DEPTH: String(depth),
      row_loads: loads(along),
      column_loads: loads(across),
    },
    depth,
  };
}

function tileFor(rows: number, columns: number): Tile {
  if (columns <= high.across) return high;
  if (rows <= wide.along) return wide;
  return gridOf(large, rows, columns).tiles < leastLargeTiles ? small : large;
}

function gridOf({ along, across, reach }: Tile, rows: number, columns: number) {
  const blocks = Math.ceil(columns / (across * reach));
  return { blocks, tiles: blocks * Math.ceil(rows / (along * reach)) };
}

/** The terms of a product in slices, which are summed up each by workgroups of its own. */
export interface Slices {
  /** Vectors of terms in a slice: whole passes through workgroup memory. */
  readonly vectors: number;
  readonly count: number;
}

/** `terms` in as many slices as there should be workgroups, of at least `leastPasses` passes through workgroup memory. */
export function slicesOf({ tiles, depth }: Tiling, terms: number, leastPasses: number): Slices {
  const passes = Math.ceil(terms / depth);
  const wanted = Math.min(Math.floor(wantedWorkgroups / tiles), Math.floor(passes / leastPasses));
  const sliceVectors = Math.ceil(passes / Math.max(1, wanted)) * depth;
  return { vectors: sliceVectors, count: Math.ceil(terms / sliceVectors) };
}

/** A GPU of AMD's as the model of a step takes it. Figures are the vendor's, of the card or processor that is named. */
export interface Chip {
  readonly title: string;
  /** Units that issue instructions, each with registers of its own: the compiler's "SIMD". */
  readonly simds: number;
  readonly megahertz: number;
  /** Of float32, a multiply-add counted as two. */
  readonly teraflops: number;
  readonly gigabytesPerSecond: number;
}

/** By the names that Mesa gives the families. */
export const chips = {
  navi31: chip("Radeon RX 7900 XTX (RDNA 3)", 192, 2500, 61.4, 960),
  navi21: chip("Radeon RX 6900 XT (RDNA 2)", 160, 2250, 23, 512),
  vega10: chip("Radeon RX Vega 64 (GCN 5)", 256, 1546, 12.7, 484),
  raphael_mendocino: chip("Radeon 610M, in processors (RDNA 2, two compute units, DDR5)", 4, 2200, 0.56, 83),
  gfx1201: chip("Radeon RX 9070 XT (RDNA 4)", 128, 2970, 48.7, 640),
} as const satisfies Readonly<Record<string, Chip>>;

export type ChipName = keyof typeof chips;

export const chipNames = Object.keys(chips) as ChipName[];

function chip(
  title: string,
  simds: number,
  megahertz: number,
  teraflops: number,
  gigabytesPerSecond: number,
): Chip {
  return { title, simds, megahertz, teraflops, gigabytesPerSecond };
}

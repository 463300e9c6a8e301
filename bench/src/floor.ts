/** A card, by what its maker says and what a dispatch costs that has to wait for the one before it. */
export interface Card {
  readonly name: string;
  /** Float32 operations a second, without tensor cores, which have no float32. */
  readonly flops: number;
  /** Bytes a second to and from its memory. */
  readonly bandwidth: number;
  /** Seconds from one dispatch to the next that depends on it: assumed, not measured. */
  readonly dispatchSeconds: number;
}

/** NVIDIA Ada GPU architecture whitepaper, table of GeForce RTX 4090: 82.6 TFLOP/s, 1008 GB/s. */
export const rtx4090: Card = {
  name: "GeForce RTX 4090",
  flops: 82.6e12,
  bandwidth: 1008e9,
  dispatchSeconds: 4e-6,
};

/** The work of one step. */
export interface StepWork {
  readonly dispatches: number;
  readonly flops: number;
  readonly bytes: number;
}

/** Seconds below which a step cannot go, and what sets that floor. */
export interface Floor {
  readonly seconds: number;
  readonly because: "dispatches" | "arithmetic" | "memory";
}

/** The largest of what dispatches, arithmetic and memory alone would take: at best they overlap entirely. */
export function floorOf({ dispatches, flops, bytes }: StepWork, card: Card): Floor {
  const parts = [
    { because: "dispatches", seconds: dispatches * card.dispatchSeconds },
    { because: "arithmetic", seconds: flops / card.flops },
    { because: "memory", seconds: bytes / card.bandwidth },
  ] as const;
  return parts.reduce((worst, part) => (part.seconds > worst.seconds ? part : worst));
}

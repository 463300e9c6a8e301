import { dropoutThreshold } from "../reference/dropout.ts";

/** The constants of `shaders/dropout.wgsl` for leaving numbers out with `probability`. */
export function dropoutConstants(probability: number) {
  return { DROPOUT_THRESHOLD: dropoutThreshold(probability), DROPOUT_SCALE: 1 / (1 - probability) };
}

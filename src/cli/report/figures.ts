import { percent } from "../format.ts";

/** A fraction as a percentage; training that diverged leaves figures that are none. */
export function accuracyText(accuracy: number): string {
  return Number.isFinite(accuracy) ? percent(accuracy) : "not finite";
}

/** A loss in nats. */
export function lossText(loss: number): string {
  return Number.isFinite(loss) ? loss.toFixed(4) : "not finite";
}

/** A learning rate in at most three digits. */
export function rateText(rate: number): string {
  return Number.isFinite(rate) ? String(Number(rate.toPrecision(3))) : "not finite";
}

/** A probability in at most three digits; never `100%` or `0%` for what is not exactly that. */
export function probabilityText(probability: number): string {
  if (!Number.isFinite(probability)) return "not finite";
  const share = 100 * probability;
  if (share === 0 || share === 100) return `${share}%`;
  if (share < 0.1) return "<0.1%";
  if (share > 99.9) return ">99.9%";
  return `${share.toFixed(share < 10 || share > 99 ? 1 : 0)}%`;
}

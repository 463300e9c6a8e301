import type { Score } from "./group-network.ts";

/** A network with what the validation images say of it; nothing of one that diverged. */
export interface Scored {
  /** Its place among those of a sweep. */
  readonly network: number;
  readonly score?: Score | undefined;
}

/** Better first: more images right, then the lower loss, then the earlier place. Those without a score come last. */
export function byScore(a: Scored, b: Scored): number {
  const place = a.network - b.network;
  if (!a.score || !b.score) return Number(!a.score) - Number(!b.score) || place;
  return b.score.accuracy - a.score.accuracy || a.score.loss - b.score.loss || place;
}

/**
 * The epochs after which the worse half of the networks stops (successive halving: Jamieson & Talwalkar, 2016): `epochs`
 * / 2, / 4, ..., rounded down, as many as it takes to come from all `networks` down to one, and none before the first epoch.
 */
export function rungsOf(epochs: number, networks: number): number[] {
  const halvings = Math.ceil(Math.log2(networks));
  const rungs = Array.from({ length: halvings }, (_, index) => Math.floor(epochs / 2 ** (index + 1)));
  return [...new Set(rungs)].filter((rung) => rung > 0 && rung < epochs).reverse();
}

/** The networks that go on: the better half, the middle one included. */
export function survivors(networks: readonly Scored[]): number[] {
  const better = [...networks].sort(byScore).slice(0, Math.ceil(networks.length / 2));
  return better.map(({ network }) => network);
}

import type { Parameters } from "../../model/parameters.ts";
import type { EndEvent, Score } from "./group-network.ts";

/** A network with what the validation images say of it; nothing of one that diverged. A loss that is not finite says nothing. */
export interface Scored {
  /** Its place among those of a sweep. */
  readonly network: number;
  readonly score?: Score | undefined;
}

/** Better first: more images right, then the lower loss, then the earlier place. Those of which nothing is said come last. */
export function byScore(a: Scored, b: Scored): number {
  const place = a.network - b.network;
  const [of, than] = [a, b].map(({ score }) => meant(score));
  if (!of || !than) return Number(!of) - Number(!than) || place;
  return than.accuracy - of.accuracy || of.loss - than.loss || place;
}

/** A score as far as it says anything: networks whose numbers are none answer, too, and are right now and then. */
export function meant<Of extends Score>(score: Of | undefined): Of | undefined {
  return score && Number.isFinite(score.loss) ? score : undefined;
}

/** A network with what is known of it, and how it ended, if it did. */
export interface Ended extends Scored {
  readonly reason?: EndEvent["reason"] | undefined;
}

/**
 * Better first, as `byScore` has it, but that one which was halved comes behind every other with a score: trained to its end it
 * would be another network.
 */
export function byMerit(a: Ended, b: Ended): number {
  const isHalved = ({ reason }: Ended) => Number(reason === "halved");
  return (meant(a.score) && meant(b.score) && isHalved(a) - isHalved(b)) || byScore(a, b);
}

/** The best of some networks, one that was halved only where nothing is said of any other; none where nothing is said of any. */
export function bestScored<Network extends Ended>(networks: readonly Network[]): Network | undefined {
  const [best] = [...networks].sort(byMerit);
  return meant(best?.score) && best;
}

/** The best of the networks that have ended by now, as `bestScored` has it, without another look at all of them. */
export class BestSoFar {
  #best: Ended | undefined;
  #parameters: Parameters | undefined;

  /** Takes note of one that has ended, and of a copy of its parameters should it be the best. */
  add(ended: Ended, parameters?: Parameters): void {
    if (bestScored(this.#best ? [this.#best, ended] : [ended]) !== ended) return;
    this.#best = ended;
    this.#parameters = structuredClone(parameters);
  }

  get found(): { readonly network: number; readonly parameters?: Parameters } | undefined {
    const parameters = this.#parameters;
    return this.#best && { network: this.#best.network, ...(parameters && { parameters }) };
  }
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

import { totalSteps } from "../../data/batches.ts";
import type { Sweep } from "../../training/sweep/sweep.ts";

/**
 * Steps that a network of a sweep has still to make after `made`, as far as is known: where networks are halved, half of those
 * at hand go on at each time.
 * @param place the network's
 */
export function expectedSteps(sweep: Sweep, place: number, made = 0): number {
  const { configs, rungs } = sweep;
  const inEpoch = sweep.stepsPerEpoch(place);
  let left = 0;
  let share = 1;
  let from = made;
  for (const until of [...rungs.map((rung) => rung * inEpoch), totalSteps(configs[place], inEpoch)]) {
    if (until <= from) continue;
    left += share * (until - from);
    from = until;
    share /= 2;
  }
  return left;
}

import { type ContenderName, contenders } from "./contenders.ts";
import { BenchProcess } from "./process.ts";
import type { TargetReached } from "./service.ts";
import type { Rounds } from "./side-by-side.ts";
import { demoWorkload, type Workload } from "./workload.ts";

export const accuracyTargets = [0.95, 0.97];

/** How far a contender got. */
export interface AccuracyResult {
  readonly reached: readonly TargetReached[];
  /** Where a contender was when its time was over. */
  readonly stopped?: { readonly steps: number; readonly seconds: number; readonly accuracy: number };
  /**
   * Seconds that the targets would take a contender whose time was over: the steps that ours needed, which the equal
   * losses make everybody's, at the speed that it had.
   */
  readonly estimatedSeconds?: readonly number[];
}

export interface TimeToAccuracy {
  readonly workload: Workload;
  readonly targets: readonly number[];
  readonly contenders: Partial<Record<ContenderName, AccuracyResult>>;
}

/** Trains the demo's network with one contender after the other until the test accuracies are reached. */
export async function timeToAccuracy(
  names: readonly ContenderName[],
  { adapter, kernels }: Rounds,
  seconds: number,
  say: (line: string) => void,
): Promise<TimeToAccuracy> {
  const results: Partial<Record<ContenderName, AccuracyResult>> = {};
  const losses = new Map<ContenderName, number>();
  let needed: readonly number[] = [];
  for (const name of names) {
    say(`time to accuracy: ${contenders[name].title}`);
    const process = new BenchProcess();
    try {
      const task = { contender: name, workload: demoWorkload, adapter, ...(name === "ours" && { kernels }) };
      await process.call("start", task);
      const { reached, firstLoss, ...stopped } = await process.call("trainToAccuracy", {
        targets: accuracyTargets,
        seconds,
      });
      if (firstLoss) losses.set(name, firstLoss.loss);
      if (name === "ours") needed = reached.map(({ steps }) => steps);
      const { steps, seconds: trained, accuracy } = stopped;
      results[name] =
        steps === undefined || trained === undefined || accuracy === undefined
          ? { reached }
          : {
              reached,
              stopped: { steps, seconds: trained, accuracy },
              estimatedSeconds: needed.map((count) => (count / steps) * trained),
            };
    } catch (error) {
      if (name === "ours") throw error;
      say(`${contenders[name].title} is left out: ${(error as Error).message.split("\n")[0]}`);
    } finally {
      process.stop();
    }
  }
  checkLosses(losses);
  return { workload: demoWorkload, targets: accuracyTargets, contenders: results };
}

/** Largest relative difference of losses after a quarter of an epoch: Adam's first steps turn signs of tiny gradients. */
const lossTolerance = 0.02;

/** Everybody must train alike. Throws otherwise. */
function checkLosses(losses: ReadonlyMap<ContenderName, number>): void {
  const [expected] = losses.values();
  if ([...losses.values()].every((loss) => Math.abs(loss - expected) <= lossTolerance * expected)) return;
  const list = [...losses].map(([name, loss]) => `${contenders[name].title} ${loss}`).join(", ");
  throw new Error(
    `Time to accuracy: after a quarter of an epoch the losses differ, so the work does too: ${list}.`,
  );
}

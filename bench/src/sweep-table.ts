import { markdown } from "./markdown.ts";
import { kernelsText } from "./results-names.ts";
import { figure } from "./statistics.ts";
import { type SweepBenchOptions, type SweepMeasurement, sweepCounts } from "./sweep.ts";

/** What the table is about. */
export interface SweepResults {
  readonly adapter: string;
  readonly dataset: string;
  readonly system: { readonly cpu: string; readonly cores: number; readonly node: string };
  readonly options: SweepBenchOptions;
  readonly measured: readonly SweepMeasurement[];
}

/** The table for the README. */
export function sweepTable({ adapter, dataset, system, options, measured }: SweepResults): string {
  const about =
    `Steps per second of all networks together on ${adapter} (${system.cpu}, ${system.cores} cores, ${system.node}), ${dataset}, ` +
    `batch 64, plain SGD${kernelsText(options.kernels)}: median of ${options.rounds} interleaved rounds of ${options.seconds} s each. In brackets, how many ` +
    "times faster than one network after the other in the same process.";
  const networks = [...new Set(measured.map(({ network }) => network))];
  const rows = networks.map((network) => [
    network,
    ...measured.filter((each) => each.network === network).map(cell),
  ]);
  return `${about}\n\n${markdown(["network", ...sweepCounts.map((count) => (count === 1 ? "1 network" : `${count} networks`))], rows)}`;
}

function cell({ networks, atATime, stepsPerSecond, ratio }: SweepMeasurement): string {
  const few = atATime < networks ? `, ${atATime} at a time` : "";
  const speed = figure(stepsPerSecond.median);
  return networks === 1 ? speed : `**${speed}** (${figure(ratio.median)}x${few})`;
}

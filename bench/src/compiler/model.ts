import type { Chip } from "./chips.ts";
import type { KernelStatistics, Listing, Tally } from "./statistics.ts";
import type { RecordedStep, StepKernel } from "./step.ts";

/*
 * How long a step may take on a chip, from what its compiler says. No measurement: what it is good for is to tell kernels
 * apart, and what holds them up.
 */

/** Microseconds from the end of one dispatch to the first work of the next, which waits for it. */
export const gapUs = 2;
/** Microseconds of the host for one call of an encoder; measured in Node: 15 for the 12 calls of a step. */
export const callUs = 1.25;

/** What holds a dispatch up. */
export type Bound = "issue" | "latency" | "memory";

export interface ModelledKernel {
  readonly us: number;
  readonly bound: Bound;
  /** Rounds of its loops, over the eight that the compiler counts. */
  readonly rounds: number;
}

export interface ModelledStep {
  readonly kernels: readonly ModelledKernel[];
  /** Of the GPU, gaps included. */
  readonly gpuUs: number;
  readonly hostUs: number;
  /** The slower of both. */
  readonly us: number;
  /** The least that the arithmetic, and the traffic, would take at the chip's full rates. */
  readonly arithmeticUs: number;
  readonly memoryUs: number;
}

/** Cycles of an instruction and of a wait for memory, for what share of a wave's time goes by in loops. */
const instructionCycles = 2;
const waitCycles = 300;

/**
 * The time of one dispatch: the longest of what its instructions, one wave and its memory traffic take.
 * @param networks as many waves and bytes of the same kind, a layer of the grid each
 */
export function modelKernel(
  kernel: StepKernel,
  { latency, inverseThroughput, listing }: KernelStatistics,
  { simds, megahertz, gigabytesPerSecond }: Chip,
  networks = 1,
): ModelledKernel {
  const { workgroups, workgroupSize, bytes } = kernel;
  const { instructions, waits } = listing;
  const waves = networks * workgroups * Math.ceil(workgroupSize / 64);
  const rounds = roundsOf(kernel, listing);
  const times: Record<Bound, number> = {
    issue: (waves * inverseThroughput * scaleOf(rounds, instructions)) / simds / megahertz,
    latency:
      (latency *
        scaleOf(rounds, {
          inLoops: instructionCycles * instructions.inLoops + waitCycles * waits.inLoops,
          outside: instructionCycles * instructions.outside + waitCycles * waits.outside,
        })) /
      megahertz,
    memory: (networks * bytes) / gigabytesPerSecond / 1000,
  };
  const [bound, us] = (Object.entries(times) as [Bound, number][]).reduce((a, b) => (b[1] > a[1] ? b : a));
  return { us, bound, rounds };
}

/** How long the loops must be for the kernel's work, over the eight rounds that the compiler counts; one round at least. */
function roundsOf({ work, workgroups, workgroupSize }: StepKernel, listing: Listing): number {
  if (!work) return 1;
  const { inLoops, outside } = listing[work.of];
  if (inLoops === 0) return 1;
  return Math.max(1 / 8, (work.count / (workgroups * workgroupSize) - outside) / inLoops);
}

/** By how much cycles change if what is counted for eight rounds of the loops is of so many times as many. */
function scaleOf(rounds: number, { inLoops, outside }: Tally): number {
  return (rounds * inLoops + outside) / Math.max(1, inLoops + outside);
}

/** Microseconds of one step of `networks` networks that are trained together: gaps and the host's calls are those of one. */
export function modelTogether(
  { kernels, dispatches, calls }: RecordedStep,
  statistics: readonly KernelStatistics[],
  chip: Chip,
  networks: number,
): number {
  const busyUs = kernels.reduce(
    (sum, kernel, index) => sum + kernel.times * modelKernel(kernel, statistics[index], chip, networks).us,
    0,
  );
  return Math.max(busyUs + gapUs * dispatches, callUs * calls);
}

/** @param flops floating-point operations of the step, a multiply-add counted as two */
export function modelStep(
  step: RecordedStep,
  statistics: readonly KernelStatistics[],
  chip: Chip,
  flops: number,
): ModelledStep {
  const kernels = step.kernels.map((kernel, index) => modelKernel(kernel, statistics[index], chip));
  const busyUs = kernels.reduce((sum, { us }, index) => sum + us * step.kernels[index].times, 0);
  const gpuUs = busyUs + gapUs * step.dispatches;
  const hostUs = callUs * step.calls;
  return {
    kernels,
    gpuUs,
    hostUs,
    us: Math.max(gpuUs, hostUs),
    arithmeticUs: flops / chip.teraflops / 1e6,
    memoryUs: step.bytes / chip.gigabytesPerSecond / 1000,
  };
}

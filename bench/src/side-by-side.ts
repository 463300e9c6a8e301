import type { FormName } from "../../src/kernels/forms.ts";
import { dispatchesOnGpu } from "./compiler/gpu-of-today.ts";
import { type ContenderName, contenders } from "./contenders.ts";
import type { GpuCounts } from "./gpu-counters.ts";
import { BenchProcess } from "./process.ts";
import { ratios, type Spread, spread } from "./statistics.ts";
import { flopsPerStep, memoryBytesPerStep, type Workload, workloadName } from "./workload.ts";

export interface Rounds {
  readonly rounds: number;
  /** Seconds that each contender trains in a round. */
  readonly seconds: number;
  readonly adapter?: string | undefined;
  readonly kernels?: FormName | undefined;
  /** Speeds alone: neither inference nor a count of commands. */
  readonly speedsOnly?: boolean;
}

/** What was measured of one contender in one configuration. */
export interface ContenderResult {
  readonly device: string;
  readonly stepsPerSecond: Spread;
  /** Steps per second of each round. */
  readonly rounds: readonly number[];
  readonly firstStepMs: number;
  readonly hostMicrosecondsPerStep: number;
  /** Processor time of the whole process, software adapter and waiting included; unknown of a Python process. */
  readonly processorMicrosecondsPerStep: number | undefined;
  readonly gpuPerStep?: GpuCounts;
  /** Milliseconds from the test split's bytes in memory to their classes. */
  readonly inferenceMs?: Spread;
  readonly gpuBytes: number;
  readonly residentBytes: number | undefined;
  /** Loss of certain steps, by the step's number from 1, as far as a slow contender got. */
  readonly losses: Readonly<Record<number, number>>;
}

export interface ConfigurationResult {
  readonly name: string;
  readonly workload: Workload;
  readonly flopsPerStep: number;
  readonly memoryBytesPerStep: number;
  /** Dispatches that a step of ours takes on a GPU, whatever it was measured on. */
  readonly gpuDispatchesPerStep: number;
  readonly contenders: Partial<Record<ContenderName, ContenderResult>>;
  /** How many times faster ours is than each peer, round by round. */
  readonly ratios: Partial<Record<ContenderName, Spread>>;
}

/** Steps whose losses are compared, beside the first one. */
const checkpoints = [2, 5, 20, 50];
/** How long a contender may take to get to the next checkpoint; to the second step it takes what it takes. */
const checkSeconds = 4;
/** Largest relative difference of losses: float32 sums in different orders differ by 1e-5 after 50 steps. */
const lossTolerance = 1e-3;
const inferenceRepeats = 5;
/** No inference is begun after so long, nor one that would take three times that. */
const inferenceSeconds = 2;

/** A contender under way. */
interface Runner {
  readonly name: ContenderName;
  readonly process: BenchProcess;
  readonly facts: Omit<
    ContenderResult,
    "stepsPerSecond" | "rounds" | "hostMicrosecondsPerStep" | "processorMicrosecondsPerStep"
  >;
  readonly speeds: number[];
  readonly host: number[];
  readonly processor: number[];
}

/**
 * Trains one configuration with every contender, each in a process of its own, in rounds A B C A B C, so that a machine
 * that is slower for a while is so for all.
 * @param names who takes part
 * @param say told of what is going on
 * @throws Error if a contender's losses are not those of the others: it does other work
 */
export async function compareOn(
  workload: Workload,
  names: readonly ContenderName[],
  options: Rounds,
  say: (line: string) => void,
): Promise<ConfigurationResult> {
  const runners: Runner[] = [];
  try {
    for (const name of names) {
      const runner = await startRunner(name, workload, options, say);
      if (runner) runners.push(runner);
    }
    checkLosses(runners);
    for (let round = 0; round < options.rounds; round++) {
      for (const { process, speeds, host, processor } of runners) {
        const { steps, seconds, hostMs, processorMs } = await process.call("measure", {
          seconds: options.seconds,
        });
        speeds.push(steps / seconds);
        host.push((hostMs / steps) * 1000);
        if (processorMs !== undefined) processor.push((processorMs / steps) * 1000);
      }
    }
    return summary(workload, await dispatchesOnGpu(workload), runners);
  } finally {
    for (const { process } of runners) process.stop();
  }
}

/** Starts a contender, takes it through the checkpoints, and measures what needs no rounds. */
async function startRunner(
  name: ContenderName,
  workload: Workload,
  { adapter, kernels, speedsOnly = false }: Rounds,
  say: (line: string) => void,
): Promise<Runner | undefined> {
  const process = new BenchProcess();
  try {
    const task = { contender: name, workload, adapter, ...(name === "ours" && { kernels }) };
    const started = await process.call("start", task);
    const losses: Record<number, number> = { 1: started.loss };
    for (const steps of checkpoints) {
      const loss = await process.call("trainTo", { steps, seconds: checkSeconds });
      if (loss === undefined) break;
      losses[steps] = loss;
    }
    const { device, firstStepMs } = started;
    const memory = await process.call("memory", undefined);
    const extras = speedsOnly ? {} : await measureExtras(name, process);
    const facts = { device, firstStepMs, losses, ...memory, ...extras };
    say(
      `${workloadName(workload)}: ${contenders[name].title}, first step after ${Math.round(started.firstStepMs)} ms`,
    );
    return { name, process, facts, speeds: [], host: [], processor: [] };
  } catch (error) {
    process.stop();
    if (name === "ours") throw error;
    say(`${contenders[name].title} is left out: ${(error as Error).message.split("\n")[0]}`);
    return undefined;
  }
}

/** What needs no rounds: inference, and the commands of a step. */
async function measureExtras(name: ContenderName, process: BenchProcess) {
  const { ms } = await process.call("infer", { repeats: inferenceRepeats, seconds: inferenceSeconds });
  const gpuPerStep = contenders[name].gpu ? await countPerStep(process) : undefined;
  return { ...(ms.length > 0 && { inferenceMs: spread(ms) }), ...(gpuPerStep && { gpuPerStep }) };
}

/** Counts the commands of a few steps, so that what is done once a submission is shared out. */
async function countPerStep(process: BenchProcess): Promise<GpuCounts> {
  const { steps, ...counts } = await process.call("count", { steps: 8, seconds: checkSeconds / 2 });
  const { dispatches, submits, uploadBytes, readbackBytes } = counts;
  return {
    dispatches: dispatches / steps,
    submits: submits / steps,
    uploadBytes: uploadBytes / steps,
    readbackBytes: readbackBytes / steps,
  };
}

/** Everybody must have computed the same. Throws otherwise. */
function checkLosses(runners: readonly Runner[]): void {
  const [first, ...others] = runners;
  for (const { name, facts } of others) {
    for (const [step, loss] of Object.entries(facts.losses)) {
      const expected = first.facts.losses[Number(step)];
      if (expected === undefined || Math.abs(loss - expected) <= lossTolerance * expected) continue;
      throw new Error(
        `After ${step} steps the loss of ${contenders[name].title} is ${loss}, that of ` +
          `${contenders[first.name].title} ${expected}: they do not do the same work.`,
      );
    }
  }
}

function summary(
  workload: Workload,
  gpuDispatchesPerStep: number,
  runners: readonly Runner[],
): ConfigurationResult {
  const results: Partial<Record<ContenderName, ContenderResult>> = {};
  const pairs: Partial<Record<ContenderName, Spread>> = {};
  const ours = runners.find(({ name }) => name === "ours");
  for (const { name, facts, speeds, host, processor } of runners) {
    results[name] = {
      ...facts,
      stepsPerSecond: spread(speeds),
      rounds: speeds,
      hostMicrosecondsPerStep: spread(host).median,
      processorMicrosecondsPerStep: processor.length > 0 ? spread(processor).median : undefined,
    };
    if (ours && name !== "ours") pairs[name] = ratios(ours.speeds, speeds);
  }
  return {
    name: workloadName(workload),
    workload,
    flopsPerStep: flopsPerStep(workload),
    memoryBytesPerStep: memoryBytesPerStep(workload),
    gpuDispatchesPerStep,
    contenders: results,
    ratios: pairs,
  };
}

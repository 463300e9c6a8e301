import { UsageError, UserError } from "../../src/errors.ts";
import type { FormName } from "../../src/kernels/forms.ts";
import { type ContenderFacts, type ContenderName, contenderNames, contenders } from "./contenders.ts";
import { inProcess } from "./process.ts";
import { type Results, thisSystem, updateBetweenMarkers, writeInto } from "./results.ts";
import { kernelsText, resultsName, withKernels } from "./results-names.ts";
import {
  appendRun,
  type RunConditions,
  type RunRecord,
  ratiosOverRuns,
  readRuns,
  runRecord,
  runsName,
} from "./runs.ts";
import { type Series, seriesNames } from "./scale.ts";
import { seriesPicture } from "./scale-plots.ts";
import { type ConfigurationResult, compareOn } from "./side-by-side.ts";
import { ratioText } from "./statistics.ts";
import { sweepTable } from "./sweep-table.ts";
import { fullReport, speedTable } from "./table.ts";
import { timeToAccuracy } from "./time-to-accuracy.ts";
import { configurations, workloadName } from "./workload.ts";

export interface BenchOptions {
  readonly quick?: boolean;
  readonly scale?: boolean;
  readonly sweep?: boolean;
  readonly only?: readonly ContenderName[];
  readonly configuration?: string;
  readonly rounds: number;
  readonly seconds: number;
  readonly accuracySeconds: number;
  readonly adapter?: string;
  readonly kernels?: FormName;
  readonly out: string;
  readonly plots: string;
  readonly updateReadme?: boolean;
  readonly append?: boolean;
}

/** Longest time for what progress costs. */
const progressSeconds = 60;

/** What the benchmark found where it runs. */
export interface Surroundings {
  readonly adapter: string;
  readonly dataset: string;
  readonly program: string;
  say(line: string): void;
}

/** Ours against jax-js webgpu on the two small networks; the ratios are the last line on stdout. */
export async function runQuick(options: BenchOptions, surroundings: Surroundings): Promise<void> {
  const { say } = surroundings;
  const rounds = { ...options, rounds: 5, seconds: 0.8, speedsOnly: true };
  const measured: ConfigurationResult[] = [];
  for (const workload of configurations.slice(0, 2)) {
    measured.push(await compareOn(workload, ["ours", "jax-webgpu"], rounds, say));
  }
  const parts = measured.map(({ name, ratios }) => {
    const ratio = ratios["jax-webgpu"];
    if (!ratio) throw new UserError("jax-js webgpu could not be measured: the reason stands above.");
    return `${name} ${ratioText(ratio)}`;
  });
  if (options.append) await keepRun(options, surroundings, measured);
  process.stdout.write(`mnist-webgpu is faster than jax-js webgpu by: ${parts.join("; ")}\n`);
}

/** The whole comparison, and what it takes from ours alone: progress, memory, time to accuracy. */
export async function runSideBySide(options: BenchOptions, surroundings: Surroundings): Promise<void> {
  const { say, adapter: adapterName, dataset, program } = surroundings;
  const { names, leftOut } = whoIsHere(options, say);
  const chosen = configurations.filter((load) => workloadName(load).includes(options.configuration ?? ""));
  if (chosen.length === 0) {
    throw new UsageError(
      `--configuration: got ${options.configuration}, expected a part of one of ` +
        `${configurations.map(workloadName).join(" · ")}.`,
    );
  }
  const { rounds, seconds, adapter, kernels } = options;
  const measuring = { rounds, seconds, adapter, kernels };
  let results: Results = {
    adapter: adapterName,
    dataset,
    program,
    date: new Date().toISOString(),
    system: thisSystem(),
    options: measuring,
    leftOut,
    configurations: [],
  };
  for (const workload of chosen) {
    const result = await compareOn(workload, names, measuring, say);
    results = { ...results, configurations: [...results.configurations, result] };
    sayRatios(result, say);
    await save(results, options);
  }
  say("what progress costs");
  const progress = { seconds: progressSeconds, adapter, kernels };
  results = { ...results, progressCost: await inProcess("progressCost", progress) };
  say("memory over epochs");
  const memory = { epochs: 10, adapter, kernels };
  results = { ...results, memoryOverEpochs: await inProcess("memoryOverEpochs", memory) };
  await save(results, options);
  if (options.accuracySeconds > 0) {
    results = {
      ...results,
      timeToAccuracy: await timeToAccuracy(names, measuring, options.accuracySeconds, say),
    };
  }
  const runs = options.append
    ? await keepRun(options, surroundings, results.configurations)
    : await readRuns(options.out, adapterName, conditionsOf(kernels, dataset));
  if (runs.length > 0) results = { ...results, overRuns: ratiosOverRuns(runs) };
  for (const path of await save(results, options)) say(`Written: ${path}`);
  if (options.updateReadme) await updateBetweenMarkers("README.md", "bench", speedTable(results));
  process.stdout.write(`${fullReport(results)}`);
}

/** Who of those asked for can take part on this machine, and why the others cannot. */
function whoIsHere({ only }: BenchOptions, say: (line: string) => void) {
  const leftOut: Partial<Record<ContenderName, string>> = {};
  const names = contenderNames.filter((name) => {
    if (name !== "ours" && only && !only.includes(name)) return false;
    const { title, missing }: ContenderFacts = contenders[name];
    const reason = missing?.();
    if (reason === undefined) return true;
    leftOut[name] = reason;
    say(`${title} is left out: ${reason}`);
    return false;
  });
  return { names, leftOut };
}

/** Adds the ratios of this run to those of earlier ones; all that it can be compared with. */
async function keepRun(
  { out, kernels }: BenchOptions,
  { adapter, dataset, program, say }: Surroundings,
  measured: readonly ConfigurationResult[],
): Promise<RunRecord[]> {
  const about = { date: new Date().toISOString(), program, ...conditionsOf(kernels, dataset) };
  const runs = await appendRun(out, adapter, runRecord(about, measured));
  say(
    `Kept in ${runsName(adapter)}: run ${runs.length} on ${dataset} with ${kernels ?? "the adapter's own"} kernels`,
  );
  for (const { configuration, peer, runs: count, medians } of ratiosOverRuns(runs)) {
    say(
      `${configuration}: ${contenders[peer].title} ${ratioText(medians)}, median and range of ${count} runs`,
    );
  }
  return runs;
}

function conditionsOf(kernels: FormName | undefined, dataset: string): RunConditions {
  return { kernels: kernels ?? "auto", dataset };
}

function sayRatios({ name, ratios }: ConfigurationResult, say: (line: string) => void): void {
  for (const [peer, ratio] of Object.entries(ratios)) say(`${name}: ${peer} ${ratioText(ratio)}`);
}

/** Writes what there is so far, so that an interrupted run leaves something. */
async function save(results: Results, { out }: BenchOptions): Promise<string[]> {
  const name = resultsName("bench", results.adapter, results.options.kernels);
  return [
    await writeInto(out, `${name}.json`, `${JSON.stringify(results, null, 2)}\n`),
    await writeInto(out, `${name}.md`, fullReport(results)),
  ];
}

/** Many networks together against one after the other. */
export async function runSweep(options: BenchOptions, surroundings: Surroundings): Promise<void> {
  const { say, ...about } = surroundings;
  const { rounds, seconds, adapter, kernels } = options;
  const measuring = { rounds, seconds, adapter, kernels };
  const measured = await inProcess("measureSweep", measuring);
  const date = new Date().toISOString();
  const results = { ...about, date, system: thisSystem(), options: measuring, measured };
  const name = resultsName("sweep", about.adapter, kernels);
  const table = sweepTable(results);
  const document = `# Many networks at once on ${about.adapter}\n\n${date}, ${about.program}.\n\n${table}\n`;
  say(`Written: ${await writeInto(options.out, `${name}.json`, `${JSON.stringify(results, null, 2)}\n`)}`);
  say(`Written: ${await writeInto(options.out, `${name}.md`, document)}`);
  if (options.updateReadme) await updateBetweenMarkers("README.md", "sweep", table);
  process.stdout.write(`${table}\n`);
}

/** How cost grows: one file of figures, one plot a series. */
export async function runScale(options: BenchOptions, surroundings: Surroundings): Promise<void> {
  const { say, ...about } = surroundings;
  const { rounds, seconds, adapter, kernels } = options;
  const measured: Record<string, Series> = {};
  for (const series of seriesNames) {
    say(`scale: ${series}`);
    measured[series] = await inProcess("measureScale", { series, rounds, seconds, adapter, kernels });
    const picture = seriesPicture(measured[series], `${about.adapter}${kernelsText(kernels)}`);
    say(`Written: ${await writeInto(options.plots, `${withKernels(series, kernels)}.svg`, picture)}`);
  }
  const results = {
    ...about,
    date: new Date().toISOString(),
    system: thisSystem(),
    options: { rounds, seconds, kernels },
    series: measured,
  };
  const name = `${resultsName("scale", about.adapter, kernels)}.json`;
  say(`Written: ${await writeInto(options.out, name, `${JSON.stringify(results, null, 2)}\n`)}`);
}

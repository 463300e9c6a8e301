import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { globals } from "webgpu";
import { UserError } from "../../../src/errors.ts";
import { networkName } from "../../../src/model/parameters.ts";
import { type PresetName, presetConfig } from "../../../src/model/presets.ts";
import { defaultConfig } from "../../../src/model/settings.ts";
import { programName } from "../../../src/node/version.ts";
import { writeInto } from "../results.ts";
import { flopsPerStep, workload, workloadName } from "../workload.ts";
import { type ChipName, chips } from "./chips.ts";
import type { Compiled } from "./compile.ts";
import { PretendedHardware, refused } from "./driver.ts";
import { modelStep } from "./model.ts";
import type { RecordedPipeline } from "./recorder.ts";
import { type CaseResult, compilerReport } from "./report.ts";
import { parseStatistics } from "./statistics.ts";
import { type Case, recordStep } from "./step.ts";

export interface CompilerOptions {
  readonly chips: readonly ChipName[];
  /** The driver's manifest, where it is not the system's. */
  readonly icd?: string;
  /** Folder of the reports. */
  readonly out: string;
}

/** The networks that are looked at. */
export const cases: readonly Case[] = [
  ...[10, 128, 800].flatMap((hidden) => [64, 1024].map((batch) => plainCase([hidden], batch))),
  ...(["accurate", "record"] as const).map(presetCase),
  plainCase([2048, 2048], 1024),
];

function plainCase(hidden: readonly number[], batch: number): Case {
  const load = workload(hidden, batch);
  return { name: workloadName(load), sizes: load.sizes, batchSize: batch };
}

function presetCase(preset: PresetName): Case {
  const settings = { ...defaultConfig, ...presetConfig(preset) };
  const { batchSize } = settings;
  const sizes = [784, ...settings.hidden, 10];
  return { name: `preset ${preset}: ${networkName(sizes)}, batch ${batchSize}`, sizes, batchSize, settings };
}

/** Writes `compiler-<chip>.md` for every chip: what the compiler makes of each case's step, and how long that may take. */
export async function runCompiler(options: CompilerOptions, say: (line: string) => void): Promise<void> {
  const hardware = new PretendedHardware(options.icd);
  Object.assign(globalThis, globals);
  try {
    for (const chip of options.chips) {
      const report = await reportOn(chip, hardware);
      say(`Written: ${await writeInto(options.out, `compiler-${chip}.md`, report)}`);
    }
  } finally {
    hardware.remove();
  }
}

async function reportOn(chip: ChipName, hardware: PretendedHardware): Promise<string> {
  const environment = hardware.environment(chip);
  const { driver, limits, features } = compile(chip, environment, []).compiled;
  const recorded = [];
  for (const network of cases) recorded.push({ network, step: await recordStep(network, limits, features) });
  const used = recorded.flatMap(({ step }) => step.kernels.map(({ pipeline }) => pipeline));
  // Networks share kernels, and what was compiled once is not compiled again.
  const pipelines = new Map(used.map((pipeline) => [textOf(pipeline), pipeline]));
  const { text } = compile(chip, environment, [...pipelines.values()]);
  const all = parseStatistics(text, pipelines.size);
  const found = new Map([...pipelines.keys()].map((key, index) => [key, all[index]]));
  const results = recorded.map(({ network, step }): CaseResult => {
    const statistics = step.kernels.map(({ pipeline }) => found.get(textOf(pipeline))!);
    const flops = flopsPerStep(network);
    return { network, step, statistics, flops, modelled: modelStep(step, statistics, chips[chip], flops) };
  });
  return compilerReport({ chip, driver, program: programName }, results);
}

/** What tells a pipeline from others. */
function textOf({ code, constants }: RecordedPipeline): string {
  return JSON.stringify([code, constants]);
}

/** Runs the program that compiles, on a chip that is only pretended; what it found, and what Mesa wrote. */
function compile(chip: ChipName, env: NodeJS.ProcessEnv, pipelines: readonly RecordedPipeline[]) {
  const program = fileURLToPath(new URL("compile.js", import.meta.url));
  const input = JSON.stringify(pipelines);
  const { stdout, stderr } = spawnSync(process.execPath, [program], {
    ...{ input, env, encoding: "utf8", maxBuffer: 1 << 30 },
  });
  let compiled: Compiled | null = null;
  try {
    compiled = JSON.parse(stdout);
  } catch {
    if (pipelines.length > 0) throw new UserError(`The compiler for ${chip} failed: ${stderr.slice(-2000)}`);
  }
  if (!compiled) throw refused(chip, stderr);
  return { compiled, text: stderr };
}

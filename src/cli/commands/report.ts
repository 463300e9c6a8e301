import { join } from "node:path";
import { Command } from "commander";
import { UsageError } from "../../errors.ts";
import { checkWritable, writeWhole } from "../../node/files.ts";
import { type SettingFlags, settingOption, sharedOptions, textOption } from "../flags.ts";
import { checkNoSweep, kindOf, sweepText } from "../folder-kinds.ts";
import { Output } from "../output.ts";
import { rebuildReport } from "../runs/rebuilt-report.ts";
import { type Run, readRun } from "../runs/run-reader.ts";

interface ReportFlags extends SettingFlags {
  readonly out?: string;
  readonly data?: string;
  readonly adapter?: string;
  readonly debug?: boolean;
  readonly json?: boolean;
}

const comparisonFile = "comparison.html";

const help = `
Of one run it makes the report anew, which is of use for a run that was killed once it had its model (before that, train --resume
goes on with it); of several a page with their figures, the settings that differ, and their curves over each other. Sweeps among
them are left out.

Examples:
  mnist-webgpu report runs/first
  mnist-webgpu report runs/* --out ${comparisonFile}`;

/** `mnist-webgpu report`: one run's report made anew, or a page that compares several. */
export function reportCommand(): Command {
  return new Command("report")
    .description("Compare runs on one page, or make the report of one run anew")
    .argument("<run...>", "Run folders")
    .addOption(
      textOption(
        "--out <file>",
        `Write this file, replacing what is there (default: report.html in the folder of one run, ${comparisonFile} for several)`,
        "a file",
      ),
    )
    .addOption(sharedOptions.data())
    .addOption(settingOption("backend", "the one that the run used"))
    .addOption(sharedOptions.adapter())
    .addOption(sharedOptions.json("what was written"))
    .addOption(sharedOptions.debug())
    .addHelpText("after", help)
    .action(report);
}

async function report(paths: readonly string[], flags: ReportFlags): Promise<void> {
  const output = new Output(flags);
  const runs = await readNamed(paths, output.notice);
  const [run] = runs;
  const file = flags.out ?? (runs.length === 1 ? join(run.path, "report.html") : comparisonFile);
  await checkWritable(file);
  await writeWhole(
    file,
    runs.length === 1 ? (await rebuildReport(run, flags, output)).html : await compare(runs, flags),
  );
  output.say(`Wrote ${file}.`);
  output.record({ file, runs: runs.map(({ path }) => path) });
}

/** The runs in folders; sweeps beside them are left out with a notice, as `runs` does. */
async function readNamed(paths: readonly string[], notice: (line: string) => void): Promise<Run[]> {
  const runs: Run[] = [];
  const sweeps: string[] = [];
  for (const path of paths) {
    if ((await kindOf(path)) === "sweep") sweeps.push(path);
    else runs.push(await readRun(path, notice));
  }
  if (runs.length === 0) await checkNoSweep(paths[0]);
  for (const path of sweeps) notice(sweepText(path));
  return runs;
}

async function compare(runs: readonly Run[], flags: ReportFlags): Promise<string> {
  for (const name of ["data", "adapter", "backend"] as const) {
    if (flags[name] === undefined) continue;
    throw new UsageError(
      `--${name} ${flags[name]} is of no use to compare runs: nothing is computed. Leave it out, or name one run.`,
    );
  }
  const { renderComparison } = await import("../report/comparison.ts");
  return renderComparison(runs);
}

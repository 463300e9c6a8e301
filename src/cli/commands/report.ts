import { join } from "node:path";
import { Command } from "commander";
import { UsageError, UserError } from "../../errors.ts";
import { exists, writeWhole } from "../../node/files.ts";
import { checkPage } from "../../node/page-files.ts";
import { type SettingFlags, settingOption, sharedOptions, textOption } from "../flags.ts";
import { kindOf, sweepText } from "../folder-kinds.ts";
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
goes on with it); of several a page with their figures, the settings that differ, and their curves over each other. What is no
run among them is left out.

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
        `Write this page, replacing one that is there (default: report.html in the folder of one run, ${comparisonFile} for several)`,
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
  await checkPage(file);
  await writeWhole(
    file,
    runs.length === 1 ? (await rebuildReport(run, flags, output)).html : await compare(runs, flags),
  );
  output.say(`Wrote ${file}.`);
  output.record({ file, runs: runs.map(({ path }) => path) });
}

/**
 * The runs in folders; sweeps, and whatever else there is, are left out with a notice, as `runs` does.
 * @throws UserError if there is nothing at one of the paths, or no run at any
 */
async function readNamed(paths: readonly string[], notice: (line: string) => void): Promise<Run[]> {
  const runs: Run[] = [];
  const others: { readonly path: string; readonly error: UserError }[] = [];
  for (const path of paths) {
    try {
      runs.push(await readRun(path, notice));
    } catch (error) {
      if (!(error instanceof UserError) || !(await exists(path))) throw error;
      others.push({ path, error });
    }
  }
  if (runs.length === 0) throw others[0].error;
  for (const { path, error } of others)
    notice((await kindOf(path)) === "sweep" ? sweepText(path) : error.message);
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

import { Command, InvalidArgumentError, Option } from "commander";
import { UserError } from "../../src/errors.ts";
import { forms } from "../../src/kernels/forms.ts";
import { findGpu } from "../../src/node/adapter.ts";
import { loadDataset } from "../../src/node/mnist-files.ts";
import { programName } from "../../src/node/version.ts";
import {
  type BenchOptions,
  runQuick,
  runScale,
  runSideBySide,
  runSweep,
  type Surroundings,
} from "./commands.ts";
import { type ChipName, chipNames } from "./compiler/chips.ts";
import { type CompilerOptions, runCompiler } from "./compiler/compiler.ts";
import { type ContenderName, contenderNames } from "./contenders.ts";
import { configurations, workloadName } from "./workload.ts";

/*
 * The benchmark's command line. Results go to docs/results, progress to stderr; the exit code is 1 if something failed.
 */

const help = `
Contenders: ${contenderNames.join(", ")}
Configurations: ${configurations.map(workloadName).join(" · ")}

  npm run bench                                 everything, about a quarter of an hour on two cores
  npm run bench -- --quick                      the ratio to jax-js webgpu, under a minute
  npm run bench -- --only ours,numpy --configuration 784-128-10
  npm run bench -- --append                     at three times of the day: do the ratios hold?
  npm run bench -- --scale                      how cost grows, with plots
  npm run bench -- --sweep                      many networks together against one after the other
  npm run bench -- --compiler                   what the compiler of AMD's GPUs makes of a step, without one`;

const program = new Command("bench")
  .description("Trains the same networks with mnist-webgpu and its peers, side by side on the same adapter.")
  .option("--quick", "Only mnist-webgpu and jax-js webgpu, on 784-10-10 and 784-128-10 at batch 64")
  .option("--scale", "How cost grows with width, depth, batch and data size; mnist-webgpu alone, with plots")
  .option("--sweep", "1, 8, 32 and 128 networks together, against one after the other; mnist-webgpu alone")
  .option(
    "--compiler",
    "What Mesa's compiler makes of a step's kernels on AMD's GPUs, which need not be there",
  )
  .option("--chips <names>", `With --compiler, chips among ${chipNames.join(", ")}`, chipList, chipNames)
  .option("--icd <file>", "With --compiler, the manifest of Mesa's driver where it is not the system's")
  .option("--only <names>", "Take only these contenders", names)
  .option("--configuration <part>", "Take only configurations whose name has this part, e.g. 784-10-10")
  .option("--rounds <n>", "Interleaved rounds", positive, 5)
  .option("--seconds <n>", "Seconds that each contender trains in a round", positive, 1)
  .option("--accuracy-seconds <n>", "Longest training time to an accuracy; 0 leaves it out", seconds, 30)
  .option("--adapter <name>", "Adapter to use: part of its name, or software")
  .addOption(
    new Option(
      "--kernels <form>",
      "Form of mnist-webgpu's kernels, whose results have files of their own",
    ).choices(Object.keys(forms)),
  )
  .option("--out <folder>", "Folder for the results", "docs/results")
  .option("--plots <folder>", "Folder for the plots of --scale", "docs/performance")
  .option("--append", "Keep the ratios of this run beside those of earlier ones, and tell their range")
  .option("--update-readme", "Put the table between the bench markers of README.md")
  .addHelpText("after", help)
  .action(run);

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = 1;
  process.stderr.write(
    error instanceof UserError ? `error: ${error.message}\n` : `${(error as Error).stack}\n`,
  );
}

async function run(options: BenchOptions & CompilerOptions & { compiler?: boolean }): Promise<void> {
  if (options.compiler) return runCompiler(options, say);
  const surroundings = await look(options.adapter);
  if (options.quick) await runQuick(options, surroundings);
  else if (options.scale) await runScale(options, surroundings);
  else if (options.sweep) await runSweep(options, surroundings);
  else await runSideBySide(options, surroundings);
}

/** Finds the adapter and the data once, to name them and to complain early. */
async function look(adapter: string | undefined): Promise<Surroundings> {
  const found = await findGpu({ adapter });
  say(`Adapter: ${found.description}`);
  const { name } = await loadDataset({ dataset: "auto", notice: say }, { digits: { train: 64, test: 1 } });
  return { adapter: found.name, dataset: name, program: programName, say };
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

function names(text: string): ContenderName[] {
  return namesAmong(contenderNames, text);
}

function chipList(text: string): ChipName[] {
  return namesAmong(chipNames, text);
}

function namesAmong<Name extends string>(all: readonly Name[], text: string): Name[] {
  return text.split(",").map((part) => {
    const name = all.find((known) => known === part.trim());
    if (name) return name;
    throw new InvalidArgumentError(`Expected names among ${all.join(", ")}.`);
  });
}

function positive(text: string): number {
  const value = Number(text);
  if (value > 0 && Number.isFinite(value)) return value;
  throw new InvalidArgumentError("Expected a number above 0.");
}

function seconds(text: string): number {
  return text.trim() === "0" ? 0 : positive(text);
}

import { Command } from "commander";
import { settingNames, settings } from "../../model/settings.ts";
import { choiceOption, countOption, nameOption, presetOption, sharedOptions, textOption } from "../flags.ts";
import { Output } from "../output.ts";
import { type Axis, axisOf } from "../sweep/axes.ts";
import { beginSweep } from "../sweep/begin.ts";
import { mergeSweeps } from "../sweep/merge.ts";
import { resumeSweep } from "../sweep/resume.ts";
import { memoryOption, type SweepFlags, shardOption, sweptOption } from "../sweep/sweep-flags.ts";
import { keepChoices } from "../sweep/sweep-folder.ts";

const help = `
Settings of a network take values separated by commas, and numbers ranges as well: 8..64 5 are five values from 8 to 64 at equal
distances, 0.001..1 log 7 seven by equal factors, of four digits each (in quotes, because of the blanks). Whole numbers are
rounded. --hidden 10,32,64 are three networks of one hidden layer each, --hidden 128x64,256 one of two layers and one of one.
All combinations are trained, or --random N of them; ranges need no number of values then.

Examples:
  mnist-webgpu sweep --learning-rate 0.03,0.1,0.3 --hidden 10,32,64 --seeds 3 --epochs 5
  mnist-webgpu sweep --learning-rate "0.001..1 log 7" --epochs 16 --halving
  mnist-webgpu sweep --random 40 --learning-rate "0.0003..0.03 log" --hidden "8..256 log" --optimizer adam,adamw --epochs 8
  mnist-webgpu sweep --resume runs/first-sweep
  mnist-webgpu sweep ... --shard 2/5 --out part-2          on five machines, in any order; then
  mnist-webgpu sweep --merge part-1 part-2 part-3 part-4 part-5

The networks are compared on images set apart for validation, a sixth of the training images unless --validation says how
many. The test split is read once, for the network that did best there. Networks of one shape are trained together; each
comes out as train would have it with the same settings, to the last bit.

Leaves a folder runs/<time>-sweep/ with sweep.json, which says what is swept, sweep.jsonl, report.html, and in networks/ the run
folders that --keep asks for. Ctrl-C stops early; --resume goes on from the end of the last epoch, or from where Ctrl-C stopped it,
after kill -9 as well, and ends with the same networks.

sweep.jsonl, and stdout with --json, have one object a line:
  {"event": "epoch", "network", "epoch", "steps", "loss", "accuracy", "learningRate", "seconds", "stepsPerSecond"}
    with "validation": {"loss", "accuracy"}; seconds are those of all networks trained together
  {"event": "end", "network", "reason": "finished" | "stopped early" | "diverged" | "halved", "steps", "validation", "best"}
  {"event": "sweep", "networks", "diverged", "chosen": {"network", "validation", "test", "folder"}}`;

/** `mnist-webgpu sweep`: trains networks of many settings, and says which did best. */
export function sweepCommand(): Command {
  const command = new Command("sweep").description(
    "Train networks of many settings together, and find the best",
  );
  for (const name of settingNames) command.addOption(sweptOption(name));
  return command
    .option("--no-shuffle", settings.shuffle.flagHelp)
    .addOption(presetOption())
    .addOption(countOption("--seeds <n>", "Train each combination n times, with the seeds from --seed on"))
    .addOption(
      countOption(
        "--random <n>",
        "Draw n combinations at random instead of all, the same for the same first seed",
      ),
    )
    .option(
      "--halving",
      "Stop the worse half of the networks after 1/2, 1/4, ... of the epochs, by validation accuracy",
    )
    .addOption(
      choiceOption("--keep <which>", "Networks whose run folders are kept (default: best)", keepChoices),
    )
    .addOption(memoryOption())
    .addOption(sharedOptions.data())
    .addOption(sharedOptions.adapter())
    .addOption(textOption("--out <folder>", "Write to this folder, which is new or empty", "a folder"))
    .addOption(nameOption("Name of the sweep (default: sweep)"))
    .addOption(
      textOption(
        "--resume <folder>",
        "Go on with the sweep in this folder, to the same networks",
        "a sweep folder",
      ),
    )
    .addOption(shardOption())
    .option(
      "--merge <folder...>",
      "Put the parts of a sweep together: one report, and the best network of all",
    )
    .option(
      "--yes",
      "Train more than 1,000 networks, which are refused otherwise, with the time that they would take",
    )
    .addOption(sharedOptions.json("an object an epoch of a network"))
    .addOption(sharedOptions.debug())
    .addHelpText("after", help)
    .action(async (flags: SweepFlags, self: Command) => {
      process.exitCode = await sweep(flags, givenAxes(self));
    });
}

/** The settings that were given; commander gives `--no-shuffle` and bare names a boolean. */
function givenAxes(command: Command): Axis[] {
  const given = settingNames.filter((name) => command.getOptionValueSource(name) === "cli");
  return given.map((name) => {
    const value: unknown = command.getOptionValue(name);
    return typeof value === "boolean" ? axisOf(name, value) : (value as Axis);
  });
}

/** @returns the exit code */
async function sweep(flags: SweepFlags, axes: readonly Axis[]): Promise<number> {
  const output = new Output(flags);
  if (flags.resume !== undefined) return resumeSweep(flags.resume, { flags, axes }, output);
  if (flags.merge !== undefined) return mergeSweeps(flags.merge, { flags, axes }, output);
  return beginSweep({ flags, axes }, output);
}

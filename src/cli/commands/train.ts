import { Command, Option } from "commander";
import { UsageError, UserError } from "../../errors.ts";
import { type Config, settingNames } from "../../model/settings.ts";
import { createTrainer } from "../../training/create-trainer.ts";
import { openCompute } from "../compute.ts";
import { configFrom, type SettingFlags, settingOption, sharedOptions, textOption } from "../flags.ts";
import { loadDataset } from "../mnist-files.ts";
import { fitDataset, type ModelFile, readModel } from "../model-files.ts";
import { Output } from "../output.ts";
import { performRun } from "../training-run.ts";

interface TrainFlags extends SettingFlags {
  readonly data?: string;
  readonly adapter?: string;
  readonly init?: string;
  readonly out?: string;
  readonly name?: string;
  readonly json?: boolean;
}

const help = `
Examples:
  mnist-webgpu train                                   the article's run: 784-10-10, 100 epochs
  mnist-webgpu train --hidden 128 --epochs 10 --evaluate-every 1
  mnist-webgpu train --init runs/first/model.safetensors --learning-rate 0.01
  mnist-webgpu train --json | jq .loss

Leaves a folder runs/<time>-<name>/ with config.json, metrics.jsonl, model.safetensors and report.html. Ctrl-C stops
early and keeps what was trained; a second Ctrl-C exits at once.

metrics.jsonl, and stdout with --json, have one object a line:
  {"event": "epoch", "epoch", "steps", "loss", "accuracy", "learningRate", "seconds", "stepsPerSecond"}
    with "test": {"loss", "accuracy"} after an epoch that was evaluated, and "unfinished": true if training stopped
    within the epoch
  {"event": "end", "reason": "finished" | "interrupted" | "diverged", "steps", "seconds", "network", "dataset",
    "test": {"loss", "accuracy"}, "folder"}`;

/** `mnist-webgpu train`: trains a network and leaves a run folder. */
export function trainCommand(): Command {
  const command = new Command("train").description("Train a network and leave it in a run folder");
  for (const name of settingNames) command.addOption(flagOption(name));
  return command
    .addOption(sharedOptions.data())
    .addOption(sharedOptions.adapter())
    .addOption(
      textOption(
        "--init <file>",
        "Start from the weights of this safetensors file, and its layers",
        "a file",
      ),
    )
    .addOption(textOption("--out <folder>", "Write to this folder, which is new or empty", "a folder"))
    .addOption(nameOption())
    .addOption(sharedOptions.json("an object an epoch"))
    .addOption(sharedOptions.debug())
    .addHelpText("after", help)
    .action(async (flags: TrainFlags) => {
      process.exitCode = await train(flags);
    });
}

function flagOption(name: (typeof settingNames)[number]): Option {
  const option = settingOption(name);
  return name === "initialiser" ? option.conflicts("init") : option;
}

/** The name becomes part of a folder's. */
function nameOption(): Option {
  return new Option("--name <name>", "Name of the run (default: the network's widths)").argParser((text) => {
    if (/^[a-z0-9_][a-z0-9_.-]{0,99}$/i.test(text)) return text;
    throw new UsageError(
      `--name: got ${text || "nothing"}, expected up to 100 letters, digits, dots, dashes and underscores.`,
    );
  });
}

/** @returns the exit code */
async function train(flags: TrainFlags): Promise<number> {
  const output = new Output(flags);
  const initial = flags.init === undefined ? undefined : await readModel(flags.init);
  const config = initial ? withLayersOf(initial, flags) : configFrom(flags);
  const notice = (line: string) => output.notice(line);
  const loaded = await loadDataset(
    { dataset: config.dataset, data: flags.data, notice },
    // Built-in digits are drawn one by one: no more of them than are used.
    { digits: config.limit > 0 ? { train: config.limit } : {} },
  );
  const dataset = initial ? fitDataset(loaded, initial) : loaded;
  const compute = await openCompute({ backend: config.backend, adapter: flags.adapter });
  try {
    output.say(`Adapter: ${compute.description}`);
    const trainer = await createTrainer({
      config,
      dataset,
      ...(compute.gpu && { gpu: compute.gpu }),
      ...(initial && { parameters: initial.parameters }),
    });
    try {
      return await performRun(trainer, { ...flags, device: compute.description }, output);
    } finally {
      trainer.destroy();
    }
  } finally {
    compute.destroy();
  }
}

/** The config with the hidden layers of the file that training starts from. */
function withLayersOf({ path, sizes, network }: ModelFile, flags: SettingFlags): Config {
  const hidden = sizes.slice(1, -1);
  if (flags.hidden && flags.hidden.join() !== hidden.join()) {
    throw new UserError(
      `--hidden ${flags.hidden.join() || "none"} does not fit ${path}, which holds a network ${network}. ` +
        `Leave --hidden out, or give --hidden ${hidden.join() || "none"}.`,
    );
  }
  return { ...configFrom(flags), hidden };
}

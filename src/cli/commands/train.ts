import { Command, Option } from "commander";
import type { Dataset } from "../../data/dataset.ts";
import { digitsWithin } from "../../data/digits.ts";
import { asGiven, UsageError, UserError } from "../../errors.ts";
import type { DatasetIdentity } from "../../model/checkpoint-file.ts";
import { networkName, sizesOf } from "../../model/parameters.ts";
import { type Config, formatSetting, type SettingName, settingNames } from "../../model/settings.ts";
import { type DataRequest, loadDataset } from "../../node/mnist-files.ts";
import { snapshotOf } from "../../training/checkpoint.ts";
import { createTrainer, networkSizes } from "../../training/create-trainer.ts";
import { identify } from "../../training/identity.ts";
import { openCompute } from "../compute.ts";
import {
  choicesHelp,
  configFrom,
  idleFlags,
  nameOption,
  presetOption,
  type SettingFlags,
  settingOption,
  sharedOptions,
  textOption,
} from "../flags.ts";
import { fitDataset, fitFound, type ModelFile, readToldModel } from "../model-files.ts";
import { Output } from "../output.ts";
import { recordedRequest } from "../recorded-data.ts";
import { checkCheckpointSize } from "../runs/checkpoint-size.ts";
import { type CheckpointInterval, sha256 } from "../runs/checkpoints.ts";
import {
  checkDataset,
  checkUnfinished,
  completeRun,
  holdRun,
  type InterruptedRun,
  openRun,
} from "../runs/resume.ts";
import { performRun } from "../runs/training-run.ts";

interface TrainFlags extends SettingFlags {
  readonly data?: string;
  readonly adapter?: string;
  readonly debug?: boolean;
  readonly init?: string;
  readonly out?: string;
  readonly name?: string;
  readonly tensorboard?: boolean;
  readonly checkpointEvery?: CheckpointInterval;
  readonly resume?: string;
  readonly json?: boolean;
}

const help = `
Examples:
  mnist-webgpu train                                   the article's run: 784-10-10, 100 epochs
  mnist-webgpu train --preset accurate --seed 7        a preset, with a setting of it or another changed
  mnist-webgpu train --hidden 128 --epochs 10 --evaluate-every 1
  mnist-webgpu train --init runs/first/model.safetensors --learning-rate 0.01
  mnist-webgpu train --validation 5000 --evaluate-every 1 --patience 10 --keep-best
  mnist-webgpu train --checkpoint-every 30s --out runs/long
  mnist-webgpu train --resume runs/long
  mnist-webgpu train --json | jq .loss

${choicesHelp()}

Leaves a folder runs/<time>-<name>/ with config.json, metrics.jsonl, model.safetensors and report.html. Ctrl-C stops
early and keeps what was trained, with a checkpoint.safetensors; a second Ctrl-C exits at once. --resume goes on from
the last checkpoint, on the same data, with the run's own settings (--epochs alone may be another, unless the schedule
or a calm end depends on it), and ends with the same model.safetensors to the last bit as a run that was never interrupted.

Where the GPU's device is lost, training goes on by itself on another one; after too many losses, or any other failure, it
ends with a checkpoint. Where the folder cannot be written any more, training goes on; at its end it asks for another folder
at a terminal, and elsewhere tries for a minute and then writes to a folder for temporary files, and exits with 1.

With --tensorboard the folder has tensorboard/ as well: loss and accuracy of steps, epochs and evaluations, the learning
rate, and pictures of the first layer's weights. A run that is gone on with adds a file to it.

metrics.jsonl, and stdout with --json, have one object a line:
  {"event": "epoch", "epoch", "steps", "loss", "accuracy", "learningRate", "seconds", "stepsPerSecond"}
    with "test": {"loss", "accuracy"}, or "validation" with --validation, after an epoch that was evaluated, and
    "unfinished": true if training stopped within the epoch; "learningRate" is that of the last step
  {"event": "end", "reason": "finished" | "stopped early" | "interrupted" | "diverged", "steps", "seconds", "network",
    "dataset", "test": {"loss", "accuracy"}, "folder"}
    with "best": {"epoch", "loss", "accuracy"} if validation images were evaluated`;

/** `mnist-webgpu train`: trains a network and leaves a run folder. */
export function trainCommand(): Command {
  const command = new Command("train").description("Train a network and leave it in a run folder");
  for (const name of settingNames) command.addOption(flagOption(name));
  return command
    .addOption(presetOption())
    .addOption(sharedOptions.data())
    .addOption(sharedOptions.adapter())
    .addOption(
      textOption(
        "--init <file>",
        "Start from the weights of this model file, or of the run in this folder, its layers, its activation and whether " +
          "it deskews; where it tells no activation, give --activation",
        "a file",
      ),
    )
    .addOption(textOption("--out <folder>", "Write to this folder, which is new or empty", "a folder"))
    .addOption(nameOption("Name of the run (default: the network's widths)"))
    .option("--tensorboard", "Write event files for TensorBoard too: tensorboard --logdir runs shows them")
    .addOption(checkpointOption())
    .addOption(
      textOption(
        "--resume <folder>",
        "Go on with the run in this folder from its checkpoint, to the same result as without interruption",
        "a run folder",
      ).conflicts(["init", "out", "name", "preset"]),
    )
    .addOption(sharedOptions.json("an object an epoch"))
    .addOption(sharedOptions.debug())
    .addHelpText("after", help)
    .action(async (flags: TrainFlags, self: Command) => {
      process.exitCode = await train(flags, givenSettings(flags, self));
    });
}

function flagOption(name: (typeof settingNames)[number]): Option {
  const option = settingOption(name);
  return name === "initialiser" ? option.conflicts("init") : option;
}

function checkpointOption(): Option {
  return new Option(
    "--checkpoint-every <n>",
    "Write a checkpoint after at least so many steps, or seconds: 30s (default: only when interrupted)",
  ).argParser((text): CheckpointInterval => {
    const [, digits, seconds] = /^(\d{1,9})(s?)$/.exec(text) ?? [];
    if (Number(digits) > 0) return { unit: seconds ? "seconds" : "steps", count: Number(digits) };
    throw new UsageError(
      `--checkpoint-every: got ${asGiven(text)}, expected a number of steps like 500, or of seconds like 30s.`,
    );
  });
}

/** Commander gives flags that turn something off a value although nobody gave them. */
function givenSettings(flags: SettingFlags, command: Command): SettingFlags {
  const given = settingNames.filter((name) => command.getOptionValueSource(name) === "cli");
  return Object.fromEntries(given.map((name) => [name, flags[name]]));
}

/**
 * @param given the settings among the flags
 * @returns the exit code
 */
async function train(flags: TrainFlags, given: SettingFlags): Promise<number> {
  const output = new Output(flags);
  const { notice } = output;
  if (flags.resume !== undefined) {
    await holdRun(flags.resume);
    // Settings beside it, such as more epochs, mean that training is to go on.
    const nothingElse = Object.keys(given).length === 0;
    if (nothingElse && (await completeRun(flags.resume, flags, output))) return 0;
  }
  const resumed = flags.resume === undefined ? undefined : await openRun(flags.resume, given, notice);
  const { init, activation, deskew } = flags;
  const initial = init === undefined ? undefined : await readToldModel(init, { notice, activation, deskew });
  const config = resumed
    ? resumed.config
    : initial
      ? withLayersOf(initial, flags, notice)
      : configFrom(flags);
  const request = { ...config, data: flags.data, notice };
  const { dataset, identity } = resumed ? await loadAgain(resumed, request) : await loadNew(initial, request);
  checkCheckpointSize(config, networkSizes(config, dataset));
  const compute = await openCompute({ ...flags, backend: config.backend, notice });
  const device = compute.description;
  try {
    output.say(`Adapter: ${device}`);
    if (resumed && resumed.checkpoint.facts.device !== device) {
      notice(`The run began on ${resumed.checkpoint.facts.device}: the last digits may differ here.`);
    }
    const trainer = await createTrainer({
      config,
      dataset,
      gpu: compute.gpu,
      reopen: compute.reopen,
      parameters: initial?.parameters,
      snapshot: resumed && snapshotOf(resumed.checkpoint),
    });
    // After the trainer is made: settings that it refuses need no remarks.
    for (const line of idleFlags(Object.keys(given) as SettingName[], config)) notice(line);
    try {
      if (resumed) checkUnfinished(resumed, trainer);
      const place = { ...flags, device, identity, resumed };
      return await performRun(trainer, place, output);
    } finally {
      trainer.destroy();
    }
  } finally {
    compute.destroy();
  }
}

/** The data that a run is to train on, and what tells it from others. */
interface RunData {
  readonly dataset: Dataset;
  readonly identity: DatasetIdentity;
}

/** The data for a new run, which may begin with a network that there is. */
async function loadNew(initial: ModelFile | undefined, request: Config & DataRequest): Promise<RunData> {
  const loaded = await loadDataset(request, { digits: digitsWithin(request.limit) });
  const dataset = initial ? fitDataset(loaded, initial) : loaded;
  return { dataset, identity: await identify(dataset, request, sha256) };
}

/**
 * The data of a run that is gone on with, by the name that it had when the run began.
 * @throws UserError if other data is found
 */
async function loadAgain(run: InterruptedRun, request: Config & DataRequest): Promise<RunData> {
  const { path, checkpoint, description } = run;
  const { dataset: identity } = checkpoint.facts;
  const sizes = sizesOf(checkpoint.networks.parameters);
  const network = { path, sizes, network: networkName(sizes), classNames: description.dataset.classNames };
  const recorded = { ...request, ...recordedRequest(request, identity.name, request.data) };
  const loaded = await loadDataset(recorded, { digits: digitsWithin(request.limit) });
  const dataset = await fitFound(loaded, network, async (found) =>
    checkDataset(run, await identify(found, request, sha256)),
  );
  return { dataset: { ...dataset, name: identity.name }, identity };
}

/**
 * The config with the hidden layers and the activation of the file that training starts from, and what that network reads.
 * @param notice hears of a preset whose own network is not trained
 */
function withLayersOf(
  { path, sizes, network, activation, deskew }: ModelFile,
  flags: SettingFlags,
  notice: (line: string) => void,
): Config {
  const hidden = sizes.slice(1, -1);
  if (flags.hidden && flags.hidden.join() !== hidden.join()) {
    throw new UserError(
      `--hidden ${flags.hidden.join() || "none"} does not fit ${path}, which holds a network ${network}. ` +
        `Leave --hidden out, or give --hidden ${hidden.join() || "none"}.`,
    );
  }
  const asked = configFrom(flags);
  const taken = { ...asked, hidden, activation, deskew };
  const [wanted, got] = [asked, taken].map(
    (of) => `${formatSetting("hidden", of.hidden)} with ${of.activation}`,
  );
  if (flags.preset && wanted !== got)
    notice(`--preset ${flags.preset}: its hidden layers, ${wanted}, give way to those of ${path}, ${got}.`);
  return taken;
}

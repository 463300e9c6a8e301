import type { Dataset } from "../../data/dataset.ts";
import { digitsWithin } from "../../data/digits.ts";
import { UsageError } from "../../errors.ts";
import { listed } from "../../model/setting-effects.ts";
import { type Config, flagOf, formatSetting, settingNames } from "../../model/settings.ts";
import { loadDataset } from "../../node/mnist-files.ts";
import { programName } from "../../node/version.ts";
import { networkSizes } from "../../training/create-trainer.ts";
import { identify } from "../../training/identity.ts";
import { splitDataset } from "../../training/selection.ts";
import { createSweep } from "../../training/sweep/sweep.ts";
import { openCompute } from "../compute.ts";
import { idleFlags } from "../flags.ts";
import { grouped } from "../format.ts";
import type { Output } from "../output.ts";
import { checkCheckpointSize } from "../runs/checkpoint-size.ts";
import { sha256 } from "../runs/checkpoints.ts";
import { datasetFacts } from "../runs/run-folder.ts";
import { checkExpense } from "./expense.ts";
import { dataSettings, planSweep, type SweepPlan } from "./plan.ts";
import type { Asked, SweepFlags } from "./sweep-flags.ts";
import { type SweepDescription, SweepFolder } from "./sweep-folder.ts";
import { configOf } from "./sweep-lines.ts";
import { numbersOf } from "./sweep-reader.ts";
import { performSweep } from "./sweep-run.ts";

/** Plans a sweep that was asked for, and trains it. @returns the exit code */
export async function beginSweep({ flags, axes }: Asked, output: Output): Promise<number> {
  checkShard(flags);
  const { notice } = output;
  const request = { ...flags, axes };
  const { limit, ...asked } = dataSettings(request);
  const dataset = await loadDataset({ ...asked, data: flags.data, notice }, { digits: digitsWithin(limit) });
  const plan = planSweep(request, dataset.train.count);
  if (plan.same.networks > 0) notice(sameLine(plan));
  const compute = await openCompute({ ...flags, backend: plan.configs[0].backend, notice });
  try {
    const device = compute.description;
    output.say(`Adapter: ${device}`);
    const description = await describe(plan, flags, { dataset, device });
    const numbers = numbersOf(description);
    if (numbers.length === 0) throw emptyPart(description);
    const configs = numbers.map((number) => configOf(description, number));
    const { gpu, reopen } = compute;
    const sweep = createSweep({ ...flags, configs, dataset, gpu, reopen });
    // After the sweep is made: settings that it refuses need no remarks.
    for (const line of idleFlags(plan.idle, plan.configs[0])) notice(line);
    for (const config of configs) checkCheckpointSize(config, networkSizes(config, dataset));
    if (!flags.yes) await checkExpense(sweep, gpu);
    output.say(sweepLine(description, plan, dataset));
    const { out, name = "sweep" } = flags;
    const folder = await SweepFolder.create(out === undefined ? { name } : { out }, description);
    output.say(`Sweep folder: ${folder.path}`);
    return await performSweep({ sweep, numbers, folder, dataset, compute, flags }, output);
  } finally {
    compute.destroy();
  }
}

function checkShard({ shard, halving, keep }: SweepFlags): void {
  if (!shard) return;
  if (halving)
    throw new UsageError(
      "--halving and --shard exclude each other: all networks are compared, which a part does not know. Leave one of them out.",
    );
  if (keep === "none")
    throw new UsageError(
      "--keep none and --shard exclude each other: the best network of all is found when parts are merged. Leave one of them out.",
    );
}

async function describe(
  { swept, configs }: SweepPlan,
  { name = "sweep", halving = false, keep = "best", shard }: SweepFlags,
  { dataset, device }: { readonly dataset: Dataset; readonly device: string },
): Promise<SweepDescription> {
  const [first] = configs;
  const differing = settingNames.filter((setting) => {
    const texts = new Set(configs.map((config) => formatSetting(setting, config[setting])));
    return texts.size > 1;
  });
  const pick = (config: Config, isDiffering: boolean) =>
    Object.fromEntries(
      settingNames
        .filter((setting) => differing.includes(setting) === isDiffering)
        .map((setting) => [setting, config[setting]]),
    ) as Partial<Config>;
  const split = splitDataset(first, dataset);
  return {
    program: programName,
    ...{ name, started: new Date().toISOString(), device },
    dataset: datasetFacts(split.dataset, split.validation),
    // Which of them a network trains on is its own setting.
    identity: await identify(dataset, { limit: 0 }, sha256),
    ...{ swept, halving, keep, ...(shard && { shard }) },
    config: pick(first, false),
    networks: configs.map((config) => pick(config, true)),
  };
}

function sameLine({ same: { networks, idle } }: SweepPlan): string {
  const reason =
    idle.length > 0 ? `, because ${listed(idle.map(flagOf))} can have no effect in some of them` : "";
  const [are, they] = networks === 1 ? ["combination is", "it is"] : ["combinations are", "they are"];
  return `${grouped(networks)} ${are} the same network as another${reason}: ${they} left out.`;
}

function emptyPart({ networks, shard }: SweepDescription): UsageError {
  return new UsageError(
    `--shard ${shard?.part}/${shard?.of}: the sweep has ${networks.length} networks, and this part would have none. ` +
      `Use at most ${networks.length} parts.`,
  );
}

function sweepLine(
  { networks, shard, halving }: SweepDescription,
  { swept, configs }: SweepPlan,
  dataset: Dataset,
): string {
  const values = swept.map((name) => {
    const texts = new Set(configs.map((config) => formatSetting(name, config[name])));
    return texts.size > 8
      ? `${flagOf(name)} (${texts.size} values)`
      : `${flagOf(name)} ${[...texts].join(" ")}`;
  });
  const { dataset: used, validation } = splitDataset(configs[0], dataset);
  return [
    `Sweep: ${grouped(networks.length)} networks, ${values.join(", ")}`,
    ...(shard ? [`part ${shard.part} of ${shard.of}`] : []),
    ...(halving ? ["halved"] : []),
    `${dataset.name} (${grouped(used.train.count)} training, ${grouped(validation?.count ?? 0)} validation and ` +
      `${grouped(dataset.test.count)} test images, ${dataset.origin})`,
  ].join("; ");
}

import type { Dataset } from "../../data/dataset.ts";
import { initialise } from "../../model/initialise.ts";
import type { Config } from "../../model/settings.ts";
import { networkSizes } from "../create-trainer.ts";
import type { GroupEngine } from "../engine/group-engine.ts";
import { splitDataset } from "../selection.ts";
import { checkStep, initialSnapshot, type Snapshot } from "../snapshot.ts";
import type { GroupEngineOptions } from "./create-group-engine.ts";
import type { Score } from "./group-network.ts";
import { GroupTrainer } from "./group-trainer.ts";
import { groupKey } from "./groups.ts";

/** How far a network has come. */
export interface NetworkState {
  readonly snapshot: Snapshot;
  /** What the last evaluation of the watched images said, if there was one. */
  readonly score?: Score | undefined;
}

export interface GroupTrainerOptions
  extends Pick<GroupEngineOptions, "configs" | "gpu" | "reopen" | "cpuEngine"> {
  readonly dataset: Dataset;
  /** Where each network goes on from, all after the same step; those that are not given begin. */
  readonly states?: readonly (NetworkState | undefined)[] | undefined;
}

/** What the engine of a group is made for. */
export function groupEngineOptions({
  configs,
  dataset,
  gpu,
  reopen,
  cpuEngine,
}: GroupTrainerOptions): GroupEngineOptions {
  const { train } = splitDataset(configs[0], dataset).dataset;
  return { configs, sizes: networkSizes(configs[0], dataset), train, gpu, reopen, cpuEngine };
}

/** Makes the engine of a group. */
export type CreateGroupEngine = (options: GroupEngineOptions) => Promise<GroupEngine>;

/**
 * Makes an engine for several networks, and a trainer for it.
 * @param createEngine `createGroupEngine`, or what needs less: who trains on one kind of engine loads no other
 * @throws UserError if a config does not fit the data or the adapter
 */
export async function createGroupTrainer(
  options: GroupTrainerOptions,
  createEngine: CreateGroupEngine,
): Promise<GroupTrainer> {
  const { configs, dataset, states = [] } = options;
  if (new Set(configs.map(groupKey)).size !== 1)
    throw new RangeError("the networks of a group must agree in what is no setting of each");
  const engineOptions = groupEngineOptions(options);
  const starts = configs.map((config, network) => ({
    config,
    ...(states[network] ?? { snapshot: begin(config, engineOptions) }),
  }));
  for (const { snapshot } of starts) checkStep(snapshot);
  if (new Set(starts.map(({ snapshot }) => snapshot.step)).size !== 1)
    throw new RangeError("the networks of a group must go on from the same step");
  const engine = await createEngine(engineOptions);
  try {
    for (const [network, { snapshot }] of starts.entries())
      engine.setParameters(network, snapshot.state.parameters, snapshot.state.slots);
    return new GroupTrainer(starts, splitDataset(configs[0], dataset), engine);
  } catch (error) {
    engine.destroy();
    throw error;
  }
}

function begin({ initialiser, seed }: Config, { sizes }: GroupEngineOptions): Snapshot {
  return initialSnapshot(initialise(sizes, initialiser, seed));
}

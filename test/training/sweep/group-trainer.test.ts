import { expect, test } from "vitest";
import { openGpu } from "../../../src/gpu/gpu.ts";
import { type Config, defaultConfig, type SettingName } from "../../../src/model/settings.ts";
import { createGroupEngine } from "../../../src/training/sweep/create-group-engine.ts";
import { createGroupTrainer } from "../../../src/training/sweep/create-group-trainer.ts";
import { groupConfigs } from "../../../src/training/sweep/groups.ts";
import { testAdapter } from "../../helpers/gpu.ts";
import { dataset, describeGroups, small } from "./group-suite.ts";

const gpu = testAdapter().then((adapter) => openGpu(adapter));

describeGroups("on the reference", async () => ({ backend: "cpu" }));
describeGroups("on WebGPU", async () => ({ backend: "webgpu", gpu: await gpu }));

test("groups are of networks that agree in what a device must know of all alike, in their order", () => {
  const changes: Partial<Config>[] = [
    { seed: 1 },
    { hidden: [3] },
    { seed: 2, learningRate: 3, hiddenDropout: 0.5 },
    { rotation: 4 },
    { hidden: [3], schedule: "cosine" },
    { inputDropout: 0.1, rotation: 2 },
    { optimizer: "adam" },
  ];
  const configs = changes.map((change) => ({ ...defaultConfig, ...change }));
  expect(groupConfigs(configs)).toEqual([[0, 2], [1, 4], [3, 5], [6]]);
});

test.each<[Partial<Config>, SettingName]>([
  [{ batchSize: 31 }, "batchSize"],
  [{ shift: 1 }, "shift"],
])("refuses a group that differs in %j", async (change) => {
  const configs = [small, { ...small, ...change }].map((config) => ({ ...config, backend: "cpu" as const }));
  await expect(createGroupTrainer({ configs, dataset }, createGroupEngine)).rejects.toThrow(RangeError);
});

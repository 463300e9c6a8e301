import { setTimeout as sleep } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { openGpu } from "../../src/gpu/gpu.ts";
import { testAdapter } from "../helpers/gpu.ts";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

test("nothing keeps a device that was destroyed, nor what was compiled for it", async () => {
  let collected = 0;
  const registry = new FinalizationRegistry(() => {
    collected++;
  });
  const openAndDestroy = async () => {
    const gpu = await openGpu(await testAdapter());
    registry.register(gpu.device, undefined);
    gpu.destroy();
  };
  for (let count = 0; count < 3; count++) await openAndDestroy();
  for (let turn = 0; turn < 50 && collected < 3; turn++) {
    collectGarbage();
    await sleep(5);
  }
  expect(collected).toBe(3);
});

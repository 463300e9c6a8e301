import { createSweep } from "../../training/sweep/sweep.ts";
import { openCompute } from "../compute.ts";
import type { Output } from "../output.ts";
import { checkProgram, holdRun } from "../runs/resume.ts";
import { readInterrupted } from "./interrupted-sweep.ts";
import { loadSweepData } from "./sweep-data.ts";
import { type Asked, checkAlone } from "./sweep-flags.ts";
import { SweepFolder } from "./sweep-folder.ts";
import { configOf } from "./sweep-lines.ts";
import { performSweep } from "./sweep-run.ts";

/** Goes on with an interrupted sweep. @returns the exit code */
export async function resumeSweep(path: string, asked: Asked, output: Output): Promise<number> {
  const { flags } = asked;
  const others = ["preset", "seeds", "random", "halving", "keep", "shard", "merge", "out", "name"] as const;
  checkAlone("--resume", asked, others, "a sweep goes on with its own settings, in its own folder");
  await holdRun(path);
  const resumed = await readInterrupted(path);
  const { description, numbers } = resumed;
  checkProgram(path, "the sweep was begun", description.program, "begin anew");
  const configs = numbers.map((number) => configOf(description, number));
  const { notice } = output;
  const dataset = await loadSweepData(resumed, flags.data, "--resume", notice);
  const compute = await openCompute({ ...flags, backend: configs[0].backend, notice });
  try {
    const { gpu, reopen, description: device } = compute;
    output.say(`Adapter: ${device}`);
    if (device !== description.device)
      notice(`The sweep began on ${description.device}: the last digits may differ here.`);
    const { halving } = description;
    const sweep = createSweep({ ...flags, halving, configs, dataset, gpu, reopen, progress: resumed });
    const left = { records: resumed.records, checkpoints: [...resumed.checkpoints.keys()] };
    const folder = await SweepFolder.reopen(path, description, left);
    output.say(`Going on with ${path}: ${sweep.ends.size} of ${configs.length} networks are done`);
    return await performSweep({ sweep, numbers, folder, dataset, compute, flags, resumed }, output);
  } finally {
    compute.destroy();
  }
}

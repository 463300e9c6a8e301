import { UserError } from "../../errors.ts";
import { holdFolder } from "../../node/hold.ts";
import { programVersion } from "../../node/version.ts";
import { createSweep } from "../../training/sweep/sweep.ts";
import { openCompute } from "../compute.ts";
import type { Output } from "../output.ts";
import { type InterruptedSweep, readInterrupted } from "./interrupted-sweep.ts";
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
  if (!(await holdFolder(path)))
    throw new UserError(
      `--resume ${path}: another process is training in this folder. Wait until it ends, or stop it with Ctrl-C.`,
    );
  const resumed = await readInterrupted(path);
  const { description, numbers } = resumed;
  checkProgram(resumed);
  const configs = numbers.map((number) => configOf(description, number));
  const notice = (line: string) => output.notice(line);
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

function checkProgram({ path, description }: InterruptedSweep): void {
  const program = `mnist-webgpu ${programVersion}`;
  if (description.program === program) return;
  throw new UserError(
    `--resume ${path}: the sweep was begun by ${description.program}, but this is ${program}, whose numbers may differ. ` +
      "Go on with the version that began, or begin anew.",
  );
}

import { UserError } from "../../errors.ts";
import { createSweep } from "../../training/sweep/sweep.ts";
import { openCompute } from "../compute.ts";
import type { Output } from "../output.ts";
import { checkProgram, holdRun } from "../runs/resume.ts";
import { readInterrupted } from "./interrupted-sweep.ts";
import { loadSweepData } from "./sweep-data.ts";
import { checkChosen } from "./sweep-end.ts";
import { type Asked, checkAlone } from "./sweep-flags.ts";
import { SweepFolder } from "./sweep-folder.ts";
import { configOf, networksText } from "./sweep-lines.ts";
import { isClosed, missingIn, type ReadSweep, readSweep } from "./sweep-reader.ts";
import { performSweep } from "./sweep-run.ts";

/**
 * Goes on with an interrupted sweep; of one that is finished it says so, for whoever starts it once more.
 * @returns the exit code
 */
export async function resumeSweep(path: string, asked: Asked, output: Output): Promise<number> {
  const { flags } = asked;
  const others = ["preset", "seeds", "random", "halving", "keep", "shard", "merge", "out", "name"] as const;
  checkAlone("--resume", asked, others, "a sweep goes on with its own settings, in its own folder");
  await holdRun(path);
  const found = await readSweep(path);
  if (await isClosed(found)) return tellEnd(found, output);
  if (found.description.merged)
    throw new UserError(
      `--resume ${path}: parts of a sweep were being merged here. Merge them again, into another folder: they are as they were.`,
    );
  const resumed = await readInterrupted(found);
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

/**
 * Says that a sweep came to its end, and what that was.
 * @returns the exit code
 * @throws UserError if networks are missing, as they may be in merged parts, or all diverged
 */
function tellEnd(sweep: ReadSweep, output: Output): number {
  const { path, records } = sweep;
  const missing = missingIn(sweep);
  if (missing.length > 0)
    throw new UserError(
      `--resume ${path}: it was merged from parts of a sweep. ${networksText(missing)} missing: merge it with the parts that ` +
        "have them.",
    );
  output.say(`${path}: the sweep is finished: there is nothing to go on with.`);
  const end = records.findLast((record) => record.event === "sweep");
  if (end) {
    output.record(end);
    checkChosen(end, sweep, output);
  }
  return 0;
}

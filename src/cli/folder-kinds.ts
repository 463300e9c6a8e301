import { join } from "node:path";
import { UserError } from "../errors.ts";
import { isFile } from "../node/files.ts";
import { configName } from "./runs/run-folder.ts";
import { networksName, sweepName } from "./sweep/sweep-folder.ts";

/** What a folder holds, by the file that says so. */
export async function kindOf(path: string): Promise<"run" | "sweep" | undefined> {
  if (await isFile(join(path, configName))) return "run";
  return (await isFile(join(path, sweepName))) ? "sweep" : undefined;
}

/** Says of a folder that it holds a sweep, and where its networks are. */
export function sweepText(path: string): string {
  return `${path} holds a sweep: its networks are in ${join(path, networksName)}.`;
}

/** Throws a UserError if a folder that is to hold a run, or runs, holds a sweep. */
export async function checkNoSweep(path: string): Promise<void> {
  if ((await kindOf(path)) === "sweep")
    throw new UserError(`${sweepText(path)} Name those, or go on with the sweep with sweep --resume.`);
}

/**
 * Throws a UserError if a folder that is to hold something else holds a run.
 * @param advice what to do
 */
export async function checkNoRun(path: string, advice: string): Promise<void> {
  if ((await kindOf(path)) === "run") throw new UserError(`${path} holds a run. ${advice}`);
}

import { join } from "node:path";
import { UserError } from "../../errors.ts";
import { exists } from "../../node/files.ts";
import { commandText, type PastedFlags } from "../flags.ts";
import { checkpointName, configName, modelName } from "./run-folder.ts";

/**
 * The model file of the run in a folder.
 * @param flags those that were given, for a command to paste
 * @throws UserError if there is a run, but no model yet: what can be done depends on whether it left a checkpoint
 */
export async function modelOf(path: string, flags: PastedFlags = {}): Promise<string> {
  const file = join(path, modelName);
  const holds = (name: string) => exists(join(path, name));
  if ((await holds(modelName)) || !(await holds(configName))) return file;
  const advice = (await holds(checkpointName))
    ? `go on with it: \`${commandText(["train", "--resume", path], flags)}\``
    : "train it anew: it has left no checkpoint to go on from";
  throw new UserError(
    `${path} holds a run without ${modelName}: it is under way, or was killed. Wait until it ends, or ${advice}.`,
  );
}

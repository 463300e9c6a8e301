import { homedir } from "node:os";
import { isAbsolute } from "node:path";

/** The user's own folder; empty where there is none. Node throws for users whom the system does not know. */
export function homeFolder(): string {
  try {
    const home = homedir();
    return isAbsolute(home) ? home : "";
  } catch {
    return "";
  }
}

import { engines } from "../../package.json";
import { UserError } from "../errors.ts";

/**
 * Refuses what runs JavaScript but is not Node, and says so of itself: it loads neither Dawn's native module nor the
 * software adapter's libraries.
 */
export function checkRuntime({ bun, deno }: Partial<NodeJS.ProcessVersions> = process.versions): void {
  const other = deno ? `Deno ${deno}` : bun ? `Bun ${bun}` : undefined;
  if (other === undefined) return;
  throw new UserError(
    `This is ${other}, and mnist-webgpu's commands run in Node ${engines.node.replace(">=", "")} or later. ` +
      "Install it from https://nodejs.org, and start them with `node` or `npx mnist-webgpu`; the page runs in any browser with WebGPU.",
  );
}

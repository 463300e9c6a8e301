import { UserError } from "../../errors.ts";
import { networkName, parameterCount, type Sizes } from "../../model/parameters.ts";
import type { Config } from "../../model/settings.ts";
import { slotsOf } from "../../model/slots.ts";
import { mostReadable } from "../../node/read-bytes.ts";
import { grouped } from "../format.ts";

/** More than what tells of the tensors takes. */
const factsBytes = 2 ** 20;

/**
 * Checks, before anything is trained, that the checkpoint of a network could be read again.
 * @param most bytes that can be read of a file
 * @throws UserError if it would be too large
 */
export function checkCheckpointSize(config: Config, sizes: Sizes, most = mostReadable): void {
  // The parameters, those that were finite last, the best, and what the optimizer remembers.
  const networks = 2 + Number(config.keepBest) + slotsOf(config).length;
  const bytesEach = config.backend === "cpu" ? 8 : 4;
  const bytes = networks * parameterCount(sizes) * bytesEach + factsBytes;
  if (bytes <= most) return;
  throw new UserError(
    `A checkpoint of a network ${networkName(sizes)} with ${config.optimizer} would have ${grouped(bytes)} bytes, but only ` +
      `${grouped(most)} can be read again. Give narrower layers with --hidden, or another --optimizer.`,
  );
}

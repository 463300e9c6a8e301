import address from "../../data/trained.safetensors?url";
import { UserError } from "../errors.ts";

/**
 * The file of a trained network that lies beside the page, for those who want to look into one at once.
 * @throws UserError if it cannot be fetched
 */
export async function fetchTrained(): Promise<File> {
  const name = "trained.safetensors";
  const failed = (why: string, cause?: unknown) =>
    new UserError(`${name} cannot be fetched (${why}). Check the connection and try again.`, { cause });
  const response = await fetch(address).catch((error: unknown) => {
    throw failed(error instanceof Error ? error.message : String(error), error);
  });
  if (!response.ok) throw failed(`the server answered ${response.status}`);
  return new File([await response.arrayBuffer()], name);
}

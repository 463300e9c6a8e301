import address from "../../data/trained.safetensors?url";
import { refused, request, unreachable } from "./data/request.ts";

/**
 * The file of a trained network that lies beside the page, for those who want to look into one at once.
 * @throws FileFault if it cannot be fetched
 */
export async function fetchTrained(): Promise<File> {
  const name = "trained.safetensors";
  const response = await request(address, name);
  if (!response.ok) throw refused(name, response);
  const bytes = await response.arrayBuffer().catch((cause: unknown) => {
    throw unreachable(name, cause);
  });
  return new File([bytes], name);
}

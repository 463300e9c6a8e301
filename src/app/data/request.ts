import { FileFault } from "../../data/file-fault.ts";

/**
 * What the server answers, whatever that is.
 * @param name what errors call the file
 * @throws FileFault if there is no answer
 */
export async function request(address: string, name = address): Promise<Response> {
  try {
    return await fetch(address);
  } catch (cause) {
    throw unreachable(name, cause);
  }
}

/**
 * A part of the page's own code that few need, loaded when somebody does.
 * @param name what errors call it
 * @throws FileFault if it cannot be fetched: the server may be gone by then
 */
export async function latePart<T>(name: string, load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (cause) {
    throw unreachable(name, cause);
  }
}

/** @param cause why nothing came, or not all of it */
export function unreachable(name: string, cause: unknown): FileFault {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new FileFault(name, `cannot be fetched (${reason})`, "Check the connection and try again.", {
    cause,
  });
}

/** The server answered, but not with the file. */
export function refused(name: string, { status }: Response): FileFault {
  return new FileFault(name, `cannot be fetched: the server answered ${status}`, "Try again.");
}

import { FileFault } from "../data/gzip.ts";
import { type MnistFile, unpackVerified } from "../data/mnist.ts";
import { UserError } from "../errors.ts";
import { systemReason } from "./system-errors.ts";

/** How long to wait, in milliseconds. */
export interface Timeouts {
  /** For the beginning of an answer, finding and reaching the host included. */
  readonly answer: number;
  /** For the next bytes of it. */
  readonly stall: number;
  /** For all of one file. */
  readonly total: number;
}

export const defaultTimeouts: Timeouts = { answer: 5_000, stall: 20_000, total: 600_000 };

/** Shows how far a download is. */
export interface Progress {
  /** A file begins to arrive; `bytes` is its size as sent, if the mirror says it. */
  start(url: URL, bytes: number | undefined): void;
  /** So many bytes of it are here. */
  advance(received: number): void;
  /** It is complete, or given up, or never began. */
  stop(): void;
}

export interface DownloadOptions {
  /** Addresses of folders that hold the files as `<name>.gz`. */
  readonly mirrors: readonly URL[];
  readonly timeouts: Timeouts;
  readonly progress: Progress;
}

/** A file as a mirror sent it, and its contents, which are the right ones. */
export interface Download {
  readonly packed: Uint8Array;
  readonly contents: Uint8Array;
  /** The mirror's. */
  readonly host: string;
}

/** No mirror gave a file. The message tells each one's reason. */
export class DownloadError extends UserError {
  override name = "DownloadError";
}

/**
 * A function that downloads files from the first mirror that gives them whole, beginning with the one that gave the
 * last. It returns nothing that `unpackVerified` has not accepted, and throws a DownloadError if no mirror helps.
 */
export function createDownloader(options: DownloadOptions): (file: MnistFile) => Promise<Download> {
  const { timeouts, progress } = options;
  let mirrors = options.mirrors;
  return async (file) => {
    const failures: string[] = [];
    for (const mirror of mirrors) {
      try {
        const url = new URL(`${file.name}.gz`, mirror);
        const packed = await fetchBytes(url, mostBytes(file), timeouts, progress);
        const contents = await unpackVerified(file, packed, url.href);
        mirrors = [mirror, ...mirrors.filter((other) => other !== mirror)];
        return { packed, contents, host: mirror.host };
      } catch (error) {
        if (error instanceof FileFault) failures.push(`${mirror.host}: its ${file.name}.gz ${error.fault}`);
        else if (error instanceof MirrorFailure) failures.push(`${mirror.host}: ${error.message}`);
        else throw error;
      }
    }
    throw new DownloadError(failures.join("; "));
  };
}

/** A mirror did not send a file; the message says why. */
class MirrorFailure extends Error {}

/** The most that a mirror may send for `file`: packing makes it smaller, or at worst a very little larger. */
function mostBytes(file: MnistFile): number {
  return file.bytes + 65_536;
}

/** The body of the answer to a GET request. Throws a MirrorFailure if it does not come, or is larger than it may be. */
async function fetchBytes(
  url: URL,
  maxBytes: number,
  timeouts: Timeouts,
  progress: Progress,
): Promise<Uint8Array> {
  const abort = new AbortController();
  const giveUpAfter = (ms: number, what: string) =>
    setTimeout(() => abort.abort(new MirrorFailure(`${what} ${ms / 1000} s`)), ms);
  const total = giveUpAfter(timeouts.total, "not complete after");
  let patience = giveUpAfter(timeouts.answer, "no answer within");
  try {
    const response = await fetch(url, { signal: abort.signal });
    if (!response.ok || !response.body) throw new MirrorFailure(`HTTP ${response.status}`);
    clearTimeout(patience);
    patience = giveUpAfter(timeouts.stall, "no more data within");
    progress.start(url, contentLength(response));
    const chunks: Uint8Array[] = [];
    let received = 0;
    for await (const chunk of response.body) {
      patience.refresh();
      received += chunk.length;
      if (received > maxBytes) throw new MirrorFailure(`sent more than ${maxBytes} bytes`);
      chunks.push(chunk);
      progress.advance(received);
    }
    return Buffer.concat(chunks);
  } catch (error) {
    if (error instanceof MirrorFailure) throw error;
    if (abort.signal.reason instanceof MirrorFailure) throw abort.signal.reason;
    // `fetch` reports everything that goes wrong on the network as a TypeError with the cause inside.
    throw new MirrorFailure(systemReason(error), { cause: error });
  } finally {
    clearTimeout(total);
    clearTimeout(patience);
    abort.abort();
    progress.stop();
  }
}

/** How many bytes the body will have, if the answer says so: it does not where it is packed for the way. */
function contentLength({ headers }: Response): number | undefined {
  const length = headers.get("content-length");
  return length === null || headers.has("content-encoding") ? undefined : Number(length);
}

import { createHash } from "node:crypto";
import { basename } from "node:path/posix";
import { FileFault } from "../data/file-fault.ts";
import { zipFiles } from "../data/formats/zip.ts";
import { unpackVerified } from "../data/mnist.ts";
import type { MnistFile } from "../data/mnist-manifest.ts";
import type { Archive } from "../data/named-sets.ts";
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
export interface DownloadProgress {
  /** A file begins to arrive; `bytes` is its size as sent, if the mirror says it. */
  start(url: URL, bytes: number | undefined): void;
  /** So many bytes of it are here. */
  advance(received: number): void;
  /** It is complete, or given up, or never began. */
  stop(): void;
}

export interface DownloadOptions {
  /** Addresses of folders that hold the files as `<name>.gz`, or an archive of these. */
  readonly mirrors: readonly URL[];
  readonly timeouts: Timeouts;
  readonly progress: DownloadProgress;
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

/** Downloads a file of a data set. Throws a DownloadError if no mirror helps. */
export type Downloader = (file: MnistFile) => Promise<Download>;

/**
 * A function that downloads files from the first mirror that gives them whole, beginning with the one that gave the
 * last. It returns nothing that `unpackVerified` has not accepted.
 */
export function createDownloader(options: DownloadOptions): Downloader {
  const fetchWanted = fromMirrors(options);
  return (file) =>
    fetchWanted({
      name: `${file.name}.gz`,
      // Packing makes a file smaller, or at worst a very little larger.
      maxBytes: file.bytes + 65_536,
      accept: async (packed, url) => ({ packed, contents: await unpackVerified(file, packed, url) }),
    });
}

/** As `createDownloader`, for packed files in a zip archive, which is fetched once, into memory, and checked as a whole. */
export function createArchiveDownloader(options: DownloadOptions, archive: Archive): Downloader {
  const fetchWanted = fromMirrors(options);
  const fetchArchive = () =>
    fetchWanted({
      name: archive.name,
      maxBytes: archive.bytes,
      accept: async (bytes, url) => {
        if (createHash("sha256").update(bytes).digest("hex") === archive.sha256)
          return { files: zipFiles(bytes, url) };
        throw new FileFault(url, "is not the one that was published: its SHA-256 sum differs");
      },
    });
  let fetched: ReturnType<typeof fetchArchive> | undefined;
  return async (file) => {
    const { files, host } = await (fetched ??= fetchArchive());
    const member = files.find(({ path }) => basename(path) === `${file.name}.gz`);
    if (!member) throw new DownloadError(`${host}: its ${archive.name} holds no ${file.name}.gz`);
    const packed = await member.bytes();
    return { packed, contents: await unpackVerified(file, packed, member.name), host };
  };
}

/** What is asked of mirrors. */
interface Wanted<T> {
  readonly name: string;
  /** The most that a mirror may send. */
  readonly maxBytes: number;
  /** Makes something of what came from `url`. Throws a FileFault if that is not what it should be. */
  accept(bytes: Uint8Array, url: string): Promise<T>;
}

function fromMirrors(options: DownloadOptions) {
  const { timeouts, progress } = options;
  let mirrors = options.mirrors;
  return async <T>({ name, maxBytes, accept }: Wanted<T>): Promise<T & { host: string }> => {
    const failures: string[] = [];
    for (const mirror of mirrors) {
      try {
        const url = new URL(name, mirror);
        const accepted = await accept(await fetchBytes(url, maxBytes, timeouts, progress), url.href);
        mirrors = [mirror, ...mirrors.filter((other) => other !== mirror)];
        return { ...accepted, host: mirror.host };
      } catch (error) {
        if (error instanceof FileFault) failures.push(`${mirror.host}: its ${name} ${error.fault}`);
        else if (error instanceof MirrorFailure) failures.push(`${mirror.host}: ${error.message}`);
        else throw error;
      }
    }
    throw new DownloadError(failures.join("; "));
  };
}

/** A mirror did not send a file; the message says why. */
class MirrorFailure extends Error {}

/** Bytes per millisecond of a connection that is worth waiting for, however large the file: 100 kB/s. */
const slowest = 100;

/** The body of the answer to a GET request. Throws a MirrorFailure if it does not come, or is larger than it may be. */
async function fetchBytes(
  url: URL,
  maxBytes: number,
  timeouts: Timeouts,
  progress: DownloadProgress,
): Promise<Uint8Array> {
  const abort = new AbortController();
  const giveUpAfter = (ms: number, what: string) =>
    setTimeout(() => abort.abort(new MirrorFailure(`${what} ${ms / 1000} s`)), ms);
  const total = giveUpAfter(Math.max(timeouts.total, maxBytes / slowest), "not complete after");
  let patience = giveUpAfter(timeouts.answer, "no answer within");
  try {
    // Else a mirror may declare the file's own packing to be that of the way: it would be removed here, and with it what is summed.
    const headers = { "accept-encoding": "identity" };
    const response = await fetch(url, { headers, signal: abort.signal });
    if (!response.ok || !response.body) throw new MirrorFailure(`HTTP ${response.status}`);
    clearTimeout(patience);
    patience = giveUpAfter(timeouts.stall, "no more data within");
    const length = contentLength(response);
    progress.start(url, length);
    // Where the size is known, nothing has to be copied together at the end: archives are large.
    let bytes = new Uint8Array(Math.min(length ?? 65_536, maxBytes));
    let received = 0;
    for await (const chunk of response.body) {
      patience.refresh();
      const end = received + chunk.length;
      if (end > maxBytes) throw new MirrorFailure(`sent more than ${maxBytes} bytes`);
      if (end > bytes.length) {
        const larger = new Uint8Array(Math.min(Math.max(end, 2 * bytes.length), maxBytes));
        larger.set(bytes);
        bytes = larger;
      }
      bytes.set(chunk, received);
      received = end;
      progress.advance(received);
    }
    return bytes.subarray(0, received);
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

import type { Split } from "../dataset.ts";
import { gunzip } from "../gzip.ts";

/** A file that may belong to a data set: of a folder on the disk, of a browser's list, or of an archive. */
export interface DataFile {
  /** Where it lies below what was given, its parts joined by `/`. */
  readonly path: string;
  /** What messages call it. */
  readonly name: string;
  /** Its contents, as they are. Throws a FileFault if they cannot be had. */
  bytes(): Promise<Uint8Array>;
}

/** What a data set's files hold. */
export interface Contents {
  readonly train: Split;
  /** What messages call the source of the training images. */
  readonly trainName: string;
  readonly test?: Split;
  readonly testName?: string;
  /** Why there are no test images, in a whole sentence, where files for them were there. */
  readonly testFault?: string;
  /** `[classes]`, where they have names other than their numbers. */
  readonly classNames?: readonly string[];
}

/** Files that seem to make a data set, by their names alone. */
export interface Candidate {
  /** The format, for people: `CSV files`. */
  readonly format: string;
  /** The folder or file that it is, as a path below what was given; empty for all of it. */
  readonly place: string;
  /** What its files' names call it: `emnist-digits`. */
  readonly name?: string;
  readonly files: readonly DataFile[];
  /** Whether no name says that it is a data set: what is wrong with it may only mean that it is none. */
  readonly guessed?: boolean;
  /** What is missing, in a whole sentence; it is not read then. */
  readonly missing?: string;
  /**
   * @param notice is told of what is odd about the files, a line each
   * @throws UserError if they are not what their names say
   */
  read(notice: (line: string) => void): Promise<Contents>;
}

/** One way in which data sets are stored: finds those among `files`, of which the user may have chosen one by its path. */
export type Format = (files: readonly DataFile[], chosen?: string) => Candidate[];

/** The first of several paths, and how many more there are, for messages. */
export function someOf(paths: readonly string[]): string {
  return paths.length > 1 ? `${paths[0]} and ${paths.length - 1} more` : paths[0];
}

/** The contents of a file, unpacked if they begin as gzip does. */
export async function unpacked(file: DataFile): Promise<Uint8Array> {
  return gunzip(await file.bytes(), file.name);
}

/** Whether `path` ends in the extension `wanted`, packed or not. */
export function hasExtension(path: string, wanted: string): boolean {
  return path.toLowerCase().replace(/\.gz$/, "").endsWith(`.${wanted}`);
}

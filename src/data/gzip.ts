import { FileFault, largestFile, tooLarge } from "./file-fault.ts";
import { DamageError, highestRatio, inflateGzip } from "./inflate.ts";

/** How large a file may be once unpacked, in bytes. */
export interface SizeLimits {
  /** `largestFile` unless given; below 4 GiB, where gzip's own size field wraps around. */
  readonly maxBytes?: number;
  /** The only size that is right, where that is known. */
  readonly exactBytes?: number;
}

/** Whether `bytes` begin as a gzip file does. */
export function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/**
 * The unpacked contents of a file: `bytes` themselves unless they begin as gzip does. Several members, empty ones and
 * zeros after the last are read as gzip itself does. A file that unpacks to more than it may is given up as soon as
 * that shows, whatever its size field says.
 * @param name what to call the file in messages, e.g. its path
 * @throws FileFault if the file is cut short or damaged, goes on with other bytes, or is not as large as it must be
 */
export async function gunzip(bytes: Uint8Array, name: string, limits: SizeLimits = {}): Promise<Uint8Array> {
  const { exactBytes, maxBytes = exactBytes ?? largestFile } = limits;
  const contents = isGzip(bytes) ? unpack(bytes, name, maxBytes) : bytes;
  if (exactBytes !== undefined && contents.length !== exactBytes) {
    throw new FileFault(name, `holds ${contents.length} bytes, expected ${exactBytes}`);
  }
  if (contents.length > maxBytes) throw tooLarge(name, maxBytes);
  return contents;
}

function unpack(bytes: Uint8Array, name: string, maxBytes: number): Uint8Array {
  // The last four bytes of a file of one member, as nearly all are, hold the unpacked size: nothing has to grow. Where
  // they hold something else, the first pass finds the size out and keeps nothing beyond what was made room for.
  const tail = bytes.subarray(-4);
  const claimed = tail.reduceRight((size, byte) => size * 256 + byte, 0);
  const possible = claimed <= Math.min(maxBytes, highestRatio * bytes.length);
  const contents = new Uint8Array(possible ? claimed : 0);
  try {
    const size = inflateGzip(bytes, contents, maxBytes);
    if (size === undefined) throw tooLarge(name, maxBytes);
    if (size === contents.length) return contents;
    const whole = new Uint8Array(size);
    inflateGzip(bytes, whole, size);
    return whole;
  } catch (cause) {
    if (!(cause instanceof DamageError)) throw cause;
    throw new FileFault(name, `is not a whole gzip file (${cause.message})`, undefined, { cause });
  }
}

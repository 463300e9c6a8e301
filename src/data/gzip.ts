import { UserError } from "../errors.ts";

/** How large a file may be once unpacked, in bytes. */
export interface SizeLimits {
  /** `largestFile` unless given; below 4 GiB, where gzip's own size field wraps around. */
  readonly maxBytes?: number;
  /** The only size that is right, where that is known. */
  readonly exactBytes?: number;
}

/** A file whose bytes are not what they should be, or cannot be had. */
export class FileFault extends UserError {
  override name = "FileFault";
  /** What is wrong, in words that follow the file's name: `is not a whole gzip file`. */
  readonly fault: string;

  constructor(file: string, fault: string, advice = "Get the file again.", options?: ErrorOptions) {
    super(`${file} ${fault}. ${advice}`, options);
    this.fault = fault;
  }
}

/** 1 GiB: over twenty times MNIST's largest file, and twice that of EMNIST's largest split. */
export const largestFile = 2 ** 30;

/** Deflate stores at best 258 bytes in 2 bits: no honest file unpacks to more than this many times its size. */
const highestRatio = 1032;

/** Header (10 bytes) and trailer (8 bytes) of the shortest gzip file, RFC 1952. */
const shortestFile = 18;

/** Bytes that are handed to the unpacker at once, so that it does not put out all contents before any are fetched. */
const pieceBytes = 64 << 10;

/** Whether `bytes` begin as a gzip file does. */
export function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/**
 * The unpacked contents of a file: `bytes` themselves unless they begin as gzip does. A file that unpacks to more than
 * it may is given up as soon as that shows, whatever its size field says.
 * @param name what to call the file in messages, e.g. its path
 * @throws FileFault if the file is cut short or damaged, goes on after its end, or is not as large as it must be
 */
export async function gunzip(bytes: Uint8Array, name: string, limits: SizeLimits = {}): Promise<Uint8Array> {
  const { exactBytes, maxBytes = exactBytes ?? largestFile } = limits;
  const contents = isGzip(bytes) ? await unpack(bytes, name, maxBytes) : bytes;
  if (exactBytes !== undefined && contents.length !== exactBytes) {
    throw new FileFault(name, `holds ${contents.length} bytes, expected ${exactBytes}`);
  }
  if (contents.length > maxBytes) throw tooLarge(name, maxBytes);
  return contents;
}

/** What to say of a file that has more bytes, packed or not, than are read into memory. */
export function tooLarge(name: string, maxBytes: number): FileFault {
  return new FileFault(name, `holds more than ${maxBytes} bytes, the most expected here`);
}

async function unpack(bytes: Uint8Array, name: string, maxBytes: number): Promise<Uint8Array> {
  if (bytes.length < shortestFile) throw damaged(name, "it is cut short");
  // The last four bytes hold the unpacked size, if the file is whole: with that, nothing has to grow or be copied.
  // An impossible size belongs to a broken file; unpacking it for nothing finds out what is wrong with it.
  const claimed = new DataView(bytes.buffer, bytes.byteOffset + bytes.length - 4, 4).getUint32(0, true);
  const possible = claimed <= Math.min(maxBytes, highestRatio * bytes.length);
  const contents = new Uint8Array(possible ? claimed : 0);
  const reader = streamOf(bytes).pipeThrough(new DecompressionStream("gzip")).getReader();
  let size = 0;
  for (let chunk = await next(reader, name); chunk; chunk = await next(reader, name)) {
    if (size + chunk.length > maxBytes) {
      await reader.cancel();
      throw tooLarge(name, maxBytes);
    }
    if (size + chunk.length <= contents.length) contents.set(chunk, size);
    size += chunk.length;
  }
  // Some engines let bytes after the end pass, or a second gzip file; then the last four bytes are no size, or its.
  if (size !== contents.length) throw damaged(name, "it goes on after the end of its contents");
  return contents;
}

/** `bytes` piece by piece; a Blob would copy all of them. */
function streamOf(bytes: Uint8Array): ReadableStream<Uint8Array<ArrayBuffer>> {
  let at = 0;
  return new ReadableStream({
    pull(controller) {
      if (at >= bytes.length) return controller.close();
      controller.enqueue(bytes.subarray(at, at + pieceBytes) as Uint8Array<ArrayBuffer>);
      at += pieceBytes;
    },
  });
}

/** The next unpacked bytes, or nothing at the end. */
async function next(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  name: string,
): Promise<Uint8Array | undefined> {
  try {
    return (await reader.read()).value;
  } catch (cause) {
    // Node says `unexpected end of file`, `incorrect data check` and the like.
    throw damaged(name, cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

function damaged(name: string, reason: string, options?: ErrorOptions): FileFault {
  return new FileFault(name, `is not a whole gzip file (${reason})`, undefined, options);
}

import {
  Z_BUF_ERROR,
  Z_NO_FLUSH,
  Z_OK,
  Z_STREAM_END,
  ZStream,
  zlibInflate,
  zlibInflateInit2,
  zlibInflateReset,
} from "pako";

/*
 * Deflate by pako, a port of zlib: what the platforms offer themselves, DecompressionStream and Node's zlib, differ
 * between them and from version to version in what they let pass and in what they say.
 */

/** What surrounds deflated data: zlib's windowBits. */
const windowBits = { raw: -15, zlib: 15, gzip: 31 };

/** Deflate stores at best 258 bytes in 2 bits: nothing unpacks to more than this many times its size. */
export const highestRatio = 1032;

/** Packed bytes that cannot be unpacked; the message says why, in words that follow `it is damaged:`. */
export class DamageError extends Error {
  override name = "DamageError";
}

/**
 * Unpacks `bytes`, which must hold exactly `size` bytes; what follows their end is left alone.
 * @throws DamageError
 */
export function inflate(bytes: Uint8Array, size: number, kind: "raw" | "zlib"): Uint8Array<ArrayBuffer> {
  if (size > highestRatio * bytes.length) throw new DamageError(`it cannot hold ${size} bytes`);
  const contents = new Uint8Array(size);
  const stream = openStream(bytes, kind);
  setOutput(stream, contents);
  const spare = new Uint8Array(1);
  while (!advance(stream)) {
    if (stream.total_out > size) throw new DamageError(`it holds more than ${size} bytes`);
    // A stream of the right size ends here, and writes nothing into the spare byte.
    setOutput(stream, spare);
  }
  if (stream.total_out !== size)
    throw new DamageError(`it holds ${stream.total_out} bytes, expected ${size}`);
  return contents;
}

/**
 * Unpacks a gzip file (RFC 1952): its members one after the other, any of which may be empty, and zeros after the last.
 * @param contents receives what fits into it
 * @param mostBytes is not gone beyond
 * @returns how many bytes the file holds; nothing if more than `mostBytes`
 * @throws DamageError
 */
export function inflateGzip(bytes: Uint8Array, contents: Uint8Array, mostBytes: number): number | undefined {
  const stream = openStream(bytes, "gzip");
  setOutput(stream, contents);
  const spare = new Uint8Array(spareBytes);
  let before = 0;
  for (;;) {
    while (!advance(stream)) {
      if (before + stream.total_out > mostBytes) return undefined;
      setOutput(stream, spare);
    }
    before += stream.total_out;
    if (before > mostBytes) return undefined;
    const rest = bytes.subarray(stream.next_in);
    if (rest.length === 0 || (rest[0] === 0 && rest.every((byte) => byte === 0))) return before;
    if (rest[0] !== 0x1f || rest[1] !== 0x8b)
      throw new DamageError("it goes on after the end of its contents");
    zlibInflateReset(stream);
  }
}

/** Room for bytes that are counted and not kept. */
const spareBytes = 64 << 10;

function openStream(bytes: Uint8Array, kind: keyof typeof windowBits): ZStream {
  const stream = new ZStream();
  zlibInflateInit2(stream, windowBits[kind]);
  stream.input = bytes;
  stream.avail_in = bytes.length;
  return stream;
}

function setOutput(stream: ZStream, output: Uint8Array): void {
  stream.output = output as Uint8Array<ArrayBuffer>;
  stream.next_out = 0;
  stream.avail_out = output.length;
}

/** Unpacks until the end of the data, which is true, or until there is more than the room holds. */
function advance(stream: ZStream): boolean {
  const status = zlibInflate(stream, Z_NO_FLUSH);
  if (status === Z_STREAM_END) return true;
  if (status !== Z_OK && status !== Z_BUF_ERROR)
    throw new DamageError(stream.msg || "its packing is unknown");
  if (stream.avail_out > 0) throw new DamageError("it is cut short");
  return false;
}

import { crcOf } from "../../data/crc32.ts";
import { Message } from "../../model/protobuf.ts";

/*
 * The events that TensorBoard reads, as bytes of a file: messages of tensorflow/core/util/event.proto and
 * framework/summary.proto, each framed as a record of tensorflow/core/lib/io/record_writer.h.
 */

/** CRC-32C, of Castagnoli (RFC 3720, appendix B.4). */
const crc32c = crcOf(0x82f63b78);

/** A number, or a picture, under a name. */
export type Value =
  | { readonly tag: string; readonly scalar: number }
  | { readonly tag: string; readonly png: Uint8Array; readonly width: number; readonly height: number };

/** The record that a file begins with. */
export function versionRecord(): Buffer {
  return record(event().text(3, "brain.Event:2"));
}

/** Says that training goes on before `step`: what earlier files have from there on no longer counts. */
export function restartRecord(step: number): Buffer {
  const start = 1;
  return record(event(step).message(7, new Message().int(1, start)));
}

/** What was measured after `step` steps. */
export function valuesRecord(step: number, values: readonly Value[]): Buffer {
  const summary = new Message();
  for (const value of values) summary.message(1, valueMessage(value));
  return record(event(step).message(5, summary));
}

function event(step = 0): Message {
  return new Message().double(1, Date.now() / 1000).int(2, step);
}

function valueMessage(value: Value): Message {
  const message = new Message().text(1, value.tag);
  if ("scalar" in value) return message.float(2, value.scalar);
  const rgb = 3;
  const { width, height, png } = value;
  return message.message(4, new Message().int(1, height).int(2, width).int(3, rgb).bytes(4, png));
}

/** Length (uint64), its checksum, the data and their checksum, all little-endian. */
function record(message: Message): Buffer {
  const data = message.finish();
  const framed = Buffer.alloc(data.length + 16);
  framed.writeBigUInt64LE(BigInt(data.length));
  framed.writeUInt32LE(masked(crc32c(framed.subarray(0, 8))), 8);
  framed.set(data, 12);
  framed.writeUInt32LE(masked(crc32c(data)), 12 + data.length);
  return framed;
}

/** Rotated and shifted, so that a checksum of data that hold checksums is still a good one (lib/hash/crc32c.h). */
function masked(crc: number): number {
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}

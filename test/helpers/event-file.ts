/*
 * Reads TensorBoard's event files with no code of src/ and no library: framing, a CRC-32C bit by bit, and the wire
 * format of Protocol Buffers by hand. Throws at the first thing that is not as it should be.
 */

export interface ReadEvent {
  wallTime: number;
  step: number;
  fileVersion?: string;
  /** Status of a session log. */
  session?: number;
  scalars: Record<string, number>;
  images: { tag: string; width: number; height: number; colorspace: number; png: Buffer }[];
}

export function readEvents(file: Buffer): ReadEvent[] {
  const events: ReadEvent[] = [];
  for (let at = 0; at < file.length; ) {
    const length = Number(file.readBigUInt64LE(at));
    const data = file.subarray(at + 12, at + 12 + length);
    if (data.length !== length) throw new Error(`the record at byte ${at} is cut off`);
    if (unmask(file.readUInt32LE(at + 8)) !== bitwiseCrc32c(file.subarray(at, at + 8)))
      throw new Error(`the length at byte ${at} has another checksum`);
    if (unmask(file.readUInt32LE(at + 12 + length)) !== bitwiseCrc32c(data))
      throw new Error(`the data at byte ${at} have another checksum`);
    events.push(readEvent(data));
    at += length + 16;
  }
  return events;
}

/** What `masked_crc32c_unmask` of TensorFlow does: take the constant off, and rotate to the left by 15 bits. */
function unmask(masked: number): number {
  const rotated = (masked - 0xa282ead8) >>> 0;
  return ((rotated >>> 17) | (rotated << 15)) >>> 0;
}

/** By polynomial division, most significant bit first, of the reflected message. */
export function bitwiseCrc32c(bytes: Uint8Array): number {
  let remainder = 0xffffffff;
  for (const byte of bytes) {
    for (let bit = 0; bit < 8; bit++) {
      const top = (remainder >>> 31) ^ ((byte >>> bit) & 1);
      remainder = ((remainder << 1) ^ (top ? 0x1edc6f41 : 0)) >>> 0;
    }
  }
  let reflected = 0;
  for (let bit = 0; bit < 32; bit++) if ((remainder >>> bit) & 1) reflected |= 1 << (31 - bit);
  return (reflected ^ 0xffffffff) >>> 0;
}

type Field = { number: number; varint?: bigint; bytes: Buffer };

function* fields(message: Buffer): Generator<Field> {
  let at = 0;
  const varint = () => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = message[at++];
      if (byte === undefined) throw new Error("a number is cut off");
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  const take = (length: number) => {
    const bytes = message.subarray(at, (at += length));
    if (bytes.length !== length) throw new Error("a field is cut off");
    return bytes;
  };
  while (at < message.length) {
    const tag = Number(varint());
    const number = tag >> 3;
    const type = tag & 7;
    if (type === 0) yield { number, varint: varint(), bytes: Buffer.alloc(0) };
    else if (type === 1) yield { number, bytes: take(8) };
    else if (type === 2) yield { number, bytes: take(Number(varint())) };
    else if (type === 5) yield { number, bytes: take(4) };
    else throw new Error(`field ${number} has wire type ${type}`);
  }
}

function readEvent(message: Buffer): ReadEvent {
  const event: ReadEvent = { wallTime: Number.NaN, step: 0, scalars: {}, images: [] };
  for (const { number, varint, bytes } of fields(message)) {
    if (number === 1) event.wallTime = bytes.readDoubleLE();
    else if (number === 2) event.step = Number(varint);
    else if (number === 3) event.fileVersion = bytes.toString();
    else if (number === 7) event.session = Number([...fields(bytes)][0]!.varint);
    else if (number === 5) for (const { bytes: value } of fields(bytes)) readValue(value, event);
    else throw new Error(`an event has a field ${number}`);
  }
  return event;
}

function readValue(message: Buffer, event: ReadEvent): void {
  let tag = "";
  for (const { number, bytes } of fields(message)) {
    if (number === 1) tag = bytes.toString();
    else if (number === 2) event.scalars[tag] = bytes.readFloatLE();
    else if (number === 4) {
      const [height, width, colorspace, png] = [...fields(bytes)];
      const sizes = [height, width, colorspace].map((field) => Number(field!.varint));
      event.images.push({ tag, height: sizes[0]!, width: sizes[1]!, colorspace: sizes[2]!, png: png!.bytes });
    } else throw new Error(`a value has a field ${number}`);
  }
}

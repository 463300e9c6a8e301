import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";

/**
 * A message of Protocol Buffers under construction: every method adds one field, given by its number in the format's
 * .proto file, and returns the message. A repeated field is added once an entry.
 */
export class Message {
  readonly #writer = new BinaryWriter();

  /** int32, int64 or an enumeration. */
  int(field: number, value: number): this {
    this.#writer.tag(field, WireType.Varint).int64(value);
    return this;
  }

  float(field: number, value: number): this {
    this.#writer.tag(field, WireType.Bit32).float(value);
    return this;
  }

  double(field: number, value: number): this {
    this.#writer.tag(field, WireType.Bit64).double(value);
    return this;
  }

  text(field: number, value: string): this {
    this.#writer.tag(field, WireType.LengthDelimited).string(value);
    return this;
  }

  bytes(field: number, value: Uint8Array): this {
    this.#writer.tag(field, WireType.LengthDelimited).bytes(value);
    return this;
  }

  message(field: number, value: Message): this {
    return this.bytes(field, value.finish());
  }

  /** The bytes of the message, which is complete with this. */
  finish(): Uint8Array<ArrayBuffer> {
    return this.#writer.finish() as Uint8Array<ArrayBuffer>;
  }
}

/*
 * A safetensors file as Python writes it, byte by byte, with no code of src/: what
 * `safetensors.torch.save_file(module.state_dict(), path, metadata={"format": "pt"})` gives, safetensors 0.4 and later.
 *
 * - The header is serde_json's compact JSON: `__metadata__` first, if there is any, then the tensors.
 * - Tensors are sorted by the alignment of their type, widest first, then by name (safetensors/src/tensor.rs,
 *   `prepare`): `0.bias` before `0.weight`.
 * - The header is filled up with spaces to a multiple of 8 bytes.
 */

export interface TorchTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: readonly number[];
  /** F32 unless given. */
  readonly dtype?: keyof typeof types;
}

const types = {
  F32: { size: 4, write: (bytes: Buffer, value: number, at: number) => bytes.writeFloatLE(value, at) },
  F64: { size: 8, write: (bytes: Buffer, value: number, at: number) => bytes.writeDoubleLE(value, at) },
  I64: {
    size: 8,
    write: (bytes: Buffer, value: number, at: number) => bytes.writeBigInt64LE(BigInt(value), at),
  },
  I8: { size: 1, write: (bytes: Buffer, value: number, at: number) => bytes.writeInt8(value, at) },
  BOOL: { size: 1, write: (bytes: Buffer, value: number, at: number) => bytes.writeUInt8(value, at) },
};

const sizeOf = ({ dtype = "F32" }: TorchTensor) => types[dtype].size;

export function torchFile(tensors: readonly TorchTensor[], metadata?: Record<string, string>): Buffer {
  const sorted = [...tensors].sort(
    (a, b) => sizeOf(b) - sizeOf(a) || Buffer.compare(Buffer.from(a.name), Buffer.from(b.name)),
  );
  const parts: string[] = metadata ? [`"__metadata__":${JSON.stringify(metadata)}`] : [];
  const data: Buffer[] = [];
  let offset = 0;
  for (const { name, shape, values, dtype = "F32" } of sorted) {
    const { size, write } = types[dtype];
    const bytes = Buffer.alloc(size * values.length);
    values.forEach((value, index) => {
      write(bytes, value, size * index);
    });
    data.push(bytes);
    const end = offset + bytes.length;
    parts.push(`"${name}":{"dtype":"${dtype}","shape":[${shape}],"data_offsets":[${offset},${end}]}`);
    offset = end;
  }
  let header = Buffer.from(`{${parts.join(",")}}`);
  while (header.length % 8 !== 0) header = Buffer.concat([header, Buffer.from(" ")]);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  return Buffer.concat([length, header, ...data]);
}

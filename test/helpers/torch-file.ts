/*
 * A safetensors file as Python writes it, byte by byte, with no code of src/: what
 * `safetensors.torch.save_file(module.state_dict(), path, metadata={"format": "pt"})` gives, safetensors 0.4 and later.
 *
 * - The header is serde_json's compact JSON: `__metadata__` first, if there is any, then the tensors.
 * - Tensors are sorted by the alignment of their type, widest first, then by name (safetensors/src/tensor.rs,
 *   `prepare`); float32 throughout here, so by name: `0.bias` before `0.weight`.
 * - The header is filled up with spaces to a multiple of 8 bytes.
 */

export interface TorchTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: readonly number[];
}

export function torchFile(tensors: readonly TorchTensor[], metadata?: Record<string, string>): Buffer {
  const sorted = [...tensors].sort((a, b) => Buffer.compare(Buffer.from(a.name), Buffer.from(b.name)));
  const parts: string[] = metadata ? [`"__metadata__":${JSON.stringify(metadata)}`] : [];
  const data: Buffer[] = [];
  let offset = 0;
  for (const { name, shape, values } of sorted) {
    const bytes = Buffer.alloc(4 * values.length);
    values.forEach((value, index) => {
      bytes.writeFloatLE(value, 4 * index);
    });
    data.push(bytes);
    const end = offset + bytes.length;
    parts.push(`"${name}":{"dtype":"F32","shape":[${shape}],"data_offsets":[${offset},${end}]}`);
    offset = end;
  }
  let header = Buffer.from(`{${parts.join(",")}}`);
  while (header.length % 8 !== 0) header = Buffer.concat([header, Buffer.from(" ")]);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  return Buffer.concat([length, header, ...data]);
}

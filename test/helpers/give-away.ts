/** Gives the memory of all arrays in `value` away, as to a worker: whoever has them still has arrays of nothing. */
export function giveAway(value: object): void {
  structuredClone(value, { transfer: [...new Set(buffersIn(value))] });
}

function buffersIn(value: object): ArrayBuffer[] {
  if (ArrayBuffer.isView(value)) return [value.buffer as ArrayBuffer];
  const parts: unknown[] = value instanceof Map ? [...value.values()] : Object.values(value);
  return parts.flatMap((part) => (part !== null && typeof part === "object" ? buffersIn(part) : []));
}

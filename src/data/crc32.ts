/** What computes the CRC of bytes, from 0 to 2^32 - 1. @param polynomial with its bits reversed */
export function crcOf(polynomial: number): (bytes: Uint8Array) => number {
  /** What each byte does to a sum. */
  const table = Uint32Array.from({ length: 256 }, (_, byte) => {
    let value = byte;
    for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ polynomial : value >>> 1;
    return value;
  });
  return (bytes) => {
    let sum = 0xffffffff;
    for (const byte of bytes) sum = table[(sum ^ byte) & 0xff] ^ (sum >>> 8);
    return (sum ^ 0xffffffff) >>> 0;
  };
}

/** CRC-32 as PNG and zip have it (ISO 3309). */
export const crc32 = crcOf(0xedb88320);

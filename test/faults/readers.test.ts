import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
import { afterAll, expect, test } from "vitest";
import { UserError } from "../../src/errors.ts";
import { mutant, Random } from "./mutants.ts";
import { type Reader, readers, tidy } from "./readers.ts";
import { isWhole, report } from "./reliability.ts";

/* Files that somebody damaged, by chance or on purpose: read rightly, or refused with a sentence, in little time and memory. */

const seed = 1;
const count = isWhole ? 10_000 : 1000;
/** A decoder in WebAssembly is made anew for every picture. */
const slow: Readonly<Record<string, number>> = { JPEG: 10 };
/** No input is larger than some kilobytes. */
const mostMs = 2000;
/** What a kilobyte of gzip, deflate or PNG can claim rightfully: 1032 times its size, in floats. */
const mostBytes = (input: Uint8Array) => (16 << 20) + 1032 * 4 * 4 * input.length;

afterAll(tidy);

test.each(readers)("$name", async (reader) => {
  const { name, samples, only } = reader;
  for (const sample of samples) expect(await outcome(reader, sample), "the whole file").toBe("read");
  const random = new Random(xoroshiro128plus(seed));
  const inputs = count / (slow[name] ?? 1);
  const found = { read: 0, refused: 0 };
  for (let index = 0; index < inputs; index++) {
    const changed = mutant(samples, random);
    const input = reader.repair && random.below(2) ? reader.repair(changed) : changed;
    try {
      found[await outcome(reader, input)]++;
    } catch (error) {
      const hex = Buffer.from(input).toString("hex");
      throw new Error(`${name}, input ${index} of seed ${seed}: ${error}\n${hex.slice(0, 4000)}`, {
        cause: error,
      });
    }
  }
  // Where nothing is read, or nothing refused, nothing would be found out.
  if (only !== "refuses") expect(found.read).toBeGreaterThan(0);
  if (only === "reads") expect(found.refused).toBe(0);
  else expect(found.refused).toBeGreaterThan(0);
  await report("readers", name, { tried: inputs, read: found.read, refused: found.refused, wrong: 0, seed });
});

/** @throws an error that says what was wrong, if the input was neither read rightly nor refused */
async function outcome({ read, check }: Reader, input: Uint8Array): Promise<"read" | "refused"> {
  const startedAt = performance.now();
  const before = process.memoryUsage();
  let found: unknown;
  let refused = false;
  try {
    found = await read(input);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    if (error.message.length > 2000) throw new Error(`a message of ${error.message.length} letters`);
    refused = true;
  }
  const ms = performance.now() - startedAt;
  const after = process.memoryUsage();
  if (ms > mostMs) throw new Error(`it took ${ms.toFixed()} ms`);
  const bytes = after.arrayBuffers - before.arrayBuffers;
  if (bytes > mostBytes(input)) throw new Error(`${bytes} bytes for an input of ${input.length}`);
  if (refused) return "refused";
  check?.(input, found);
  return "read";
}

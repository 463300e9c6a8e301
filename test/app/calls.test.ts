import { expect, test } from "vitest";
import { isOutOfMemory } from "../../src/app/workers/calls.ts";

const thrown = (act: () => unknown): unknown => {
  try {
    act();
  } catch (error) {
    return error;
  }
  return undefined;
};

test("of the RangeErrors those alone are about memory that are about the size of an array", () => {
  for (const act of [() => new Float64Array(2 ** 50), () => new ArrayBuffer(2 ** 52)])
    expect(isOutOfMemory(thrown(act))).toBe(true);
  const endless = (): unknown => endless();
  for (const act of [() => new Uint8Array(2).set([1, 2], 1), () => (1).toFixed(200), endless]) {
    const error = thrown(act);
    expect(error).toBeInstanceOf(RangeError);
    expect(isOutOfMemory(error)).toBe(false);
  }
});

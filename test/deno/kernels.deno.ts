import { beforeAll, expect, test } from "vitest";
import { DenoPrograms } from "../helpers/deno.ts";
import { expectClose } from "../helpers/tolerance.ts";

/** A software adapter compiles two hundred kernels. */
const longMs = 600_000;

const deno = new DenoPrograms();

beforeAll(() => deno.start(), longMs);

test(
  "every kernel agrees with the reference",
  async () => {
    const { kernels, checks, failed } = await deno.run("verify");
    expect(failed).toEqual([]);
    expect(kernels).toEqual(
      expect.arrayContaining(["forward", "forward_tiled", "backward", "update", "update_tiled"]),
    );
    expect(checks).toBeGreaterThan(200);
  },
  longMs,
);

test.each(["portable", "tiled"])(
  "training, %s kernels",
  async (form) => {
    const { actual, expected } = await deno.run("train", form);
    expectClose(actual, expected, {
      atol: 1e-6,
      rtol: 1e-5,
      reason: "float32 sums over ten steps",
      what: "losses",
    });
  },
  longMs,
);

test.each(["portable", "tiled"])(
  "networks that are trained together are what each is alone, %s kernels",
  async (form) => {
    const { actual, expected } = await deno.run("together", form);
    expect(expected.length).toBe(3);
    expect(actual).toEqual(expected);
  },
  longMs,
);

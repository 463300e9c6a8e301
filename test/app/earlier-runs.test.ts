import { expect, test } from "vitest";
import { EarlierRuns } from "../../src/app/earlier-runs.ts";
import { RunRecord } from "../../src/app/record.ts";
import { pageDefaults } from "../../src/app/url.ts";
import { builtInDigits } from "../../src/data/digits.ts";
import { initialise } from "../../src/model/initialise.ts";
import { initialSnapshot } from "../../src/training/snapshot.ts";

const base = builtInDigits({ train: 1, test: 1 });
/** Images that are never looked at take no memory. */
const large = () => ({ ...base, train: { ...base.train, images: new Uint8Array(100 << 20) } });
const kept = (all: ReturnType<typeof large>[]) => {
  const earlier = new EarlierRuns();
  const snapshot = initialSnapshot(initialise([784, 10], "zeros", 1));
  for (const data of all) {
    const record = new RunRecord({ ...pageDefaults }, "a network", 1);
    const others = { given: undefined, mix: undefined, finished: false, device: "" };
    earlier.add({ record, snapshot, data, ...others });
  }
  return earlier.all.map(({ snapshot, data }) => [snapshot !== undefined, data !== undefined]);
};

test("images of earlier runs take room as weights do, once where several were trained on the same", () => {
  const one = large();
  const both = [true, true];
  expect(kept([one, one, one, one])).toEqual([both, both, both, both]);
  const neither = [false, false];
  expect(kept([large(), large(), large(), large()])).toEqual([both, both, neither, neither]);
});

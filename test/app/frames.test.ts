import { expect, test } from "vitest";
import { inTurn } from "../../src/app/frames.ts";

test("work in turn is done once at a time, and once more when asked meanwhile, whether it failed or not", async () => {
  const ends: (() => void)[] = [];
  const failures: unknown[] = [];
  const told = (error: unknown) => void failures.push(error);
  process.on("unhandledRejection", told);
  const ask = inTurn(
    () =>
      new Promise((resolve, reject) => {
        const fails = ends.length === 0;
        ends.push(() => (fails ? reject("lost") : resolve()));
      }),
  );
  const settled = () => new Promise((resolve) => setTimeout(resolve));
  for (let time = 0; time < 3; time++) ask();
  expect(ends).toHaveLength(1);
  ends[0]();
  await settled();
  expect(ends).toHaveLength(2);
  ends[1]();
  await settled();
  expect(ends).toHaveLength(2);
  ask();
  expect(ends).toHaveLength(3);
  process.off("unhandledRejection", told);
  expect(failures).toEqual(["lost"]);
});

import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { slowStart } from "../../../src/cli/runs/slow-start.ts";
import { CompileTime } from "../../../src/training/compile-time.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function listener() {
  const said: string[] = [];
  const compileTime = new CompileTime();
  return { said, compileTime, observer: slowStart((line) => void said.push(line), compileTime) };
}

test("kernels that take long to compile are told of, why once, how far they are again and again", () => {
  const { said, compileTime } = listener();
  compileTime.heard(0, 4);
  vi.advanceTimersByTime(2000);
  expect(said).toEqual([]);
  compileTime.heard(1, 4);
  vi.advanceTimersByTime(2000);
  expect(said).toHaveLength(1);
  expect(said[0]).toMatch(/Compiling kernels, 1 of 4 are ready.*first use/);
  compileTime.heard(3, 4);
  vi.advanceTimersByTime(20_000);
  expect(said.slice(1)).toEqual(["Compiling kernels, 3 of 4 are ready."]);
  compileTime.heard(4, 4);
  vi.advanceTimersByTime(60_000);
  expect(said).toHaveLength(2);
  // Those of evaluations, later.
  compileTime.heard(0, 3);
  vi.advanceTimersByTime(4000);
  expect(said.slice(2)).toEqual(["Compiling kernels, 0 of 3 are ready."]);
});

test("nothing is said of what is compiled soon, or of a run that has ended", () => {
  const { said, compileTime, observer } = listener();
  compileTime.heard(0, 4);
  vi.advanceTimersByTime(1000);
  compileTime.heard(4, 4);
  vi.advanceTimersByTime(60_000);
  compileTime.heard(0, 3);
  observer.stop();
  vi.advanceTimersByTime(60_000);
  expect(said).toEqual([]);
});

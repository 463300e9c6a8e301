import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Output } from "../../../src/cli/output.ts";
import { slowStart } from "../../../src/cli/runs/slow-start.ts";
import type { EpochEvent } from "../../../src/training/events.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function listener() {
  const said: string[] = [];
  const output: Pick<Output, "notice"> = { notice: (line) => said.push(line) };
  return { said, observer: slowStart(output as Output) };
}

test("a first step that takes long is explained, once", () => {
  const { said } = listener();
  vi.advanceTimersByTime(2000);
  expect(said).toEqual([]);
  vi.advanceTimersByTime(60_000);
  expect(said).toHaveLength(1);
  expect(said[0]).toContain("compile");
});

test.each([
  ["a quick one", (observer: ReturnType<typeof slowStart>) => observer.handle({} as EpochEvent)],
  ["a run that ends before it", (observer: ReturnType<typeof slowStart>) => observer.stop?.()],
])("%s is not", (_, happens) => {
  const { said, observer } = listener();
  happens(observer);
  vi.advanceTimersByTime(60_000);
  expect(said).toEqual([]);
});

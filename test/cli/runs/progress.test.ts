import { PassThrough } from "node:stream";
import { describe, expect, it } from "vitest";
import { duration, rate } from "../../../src/cli/format.ts";
import { trainingProgress } from "../../../src/cli/runs/progress.ts";

/** A stream like that of a terminal, and all that was written to it. */
function terminal(isTTY: boolean) {
  const stream = Object.assign(new PassThrough(), { isTTY, columns: 80 });
  return { stream: stream as unknown as NodeJS.WriteStream, written: () => String(stream.read() ?? "") };
}

const event = {
  type: "steps",
  epoch: 2,
  firstStep: 41,
  loss: Float64Array.of(0.75, 0.5),
  correct: Uint32Array.of(1, 2),
  sizes: Uint32Array.of(2, 2),
  learningRate: 0.1,
  learningRates: Float64Array.of(0.1, 0.1),
  stepsPerSecond: 20,
} as const;

describe("progress of training", () => {
  it("is a line with the epoch, loss, speed and time left on a terminal", () => {
    const { stream, written } = terminal(true);
    const progress = trainingProgress(stream, { epochs: 5, steps: 1242 });
    progress.update(event);
    progress.clear();
    expect(written()).toContain("epoch 2/5 [=---------------] 3%  loss 0.5000  20 steps/s  1m 00s left");
  });

  it("makes room for other lines, and comes back", () => {
    const { stream, written } = terminal(true);
    const progress = trainingProgress(stream, { epochs: 5, steps: 1242 });
    progress.update(event);
    progress.clear();
    // Back to the first column, and the whole line erased.
    expect(written().endsWith("\x1b[1G\x1b[2K")).toBe(true);
    progress.clear();
    expect(written()).toBe("");
    progress.update({ ...event, epoch: 3 });
    progress.clear();
    expect(written()).toContain("epoch 3/5");
  });

  it("is nothing elsewhere", () => {
    const { stream, written } = terminal(false);
    const progress = trainingProgress(stream, { epochs: 5, steps: 1242 });
    progress.update(event);
    progress.clear();
    expect(written()).toBe("");
  });
});

describe("figures", () => {
  it.each([
    [0.04, "0.0s"],
    [9.94, "9.9s"],
    [59.4, "59s"],
    [59.6, "1m 00s"],
    [3599.7, "1h 00m"],
    [7384, "2h 03m"],
  ])("%d seconds are %s", (seconds, text) => {
    expect(duration(seconds)).toBe(text);
  });

  it.each([
    [0.456, "0.46 steps/s"],
    [9.4, "9.4 steps/s"],
    [12345.6, "12,346 steps/s"],
  ])("%d steps a second are %s", (value, text) => {
    expect(rate(value)).toBe(text);
  });
});

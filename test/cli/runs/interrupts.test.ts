import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { catchInterrupts, type Interrupts } from "../../../src/cli/runs/interrupts.ts";

let interrupts: Interrupts;
const onFirst = vi.fn<(name: string) => void>();
const exit = vi.spyOn(process, "exit");

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "setImmediate"] });
  exit.mockReset().mockReturnValue(undefined as never);
  onFirst.mockReset();
  interrupts = catchInterrupts(onFirst);
});
afterEach(() => {
  interrupts.release();
  vi.useRealTimers();
});

/** What a signal does, as Node tells the program of it. */
const send = (name: NodeJS.Signals) => process.emit(name, name);

describe("interrupts", () => {
  it("abort at the first signal", () => {
    expect(interrupts.signal.aborted).toBe(false);
    expect(interrupts.exitCode).toBeUndefined();
    send("SIGTERM");
    expect(interrupts.signal.aborted).toBe(true);
    expect(interrupts.exitCode).toBe(143);
    expect(onFirst.mock.calls).toEqual([["SIGTERM"]]);
  });

  it("exit at the second one, with the code of the first", () => {
    send("SIGHUP");
    vi.advanceTimersByTime(1001);
    send("SIGTERM");
    expect(exit.mock.calls).toEqual([[129]]);
    expect(onFirst).toHaveBeenCalledOnce();
  });

  it("take signals that come together for one", () => {
    send("SIGTERM");
    send("SIGTERM");
    vi.advanceTimersByTime(999);
    send("SIGTERM");
    expect(exit).not.toHaveBeenCalled();
  });

  it("never exit because nobody reads the output", () => {
    send("SIGPIPE");
    vi.advanceTimersByTime(5000);
    send("SIGPIPE");
    expect(interrupts.exitCode).toBe(141);
    expect(exit).not.toHaveBeenCalled();
  });

  it("leave signals alone once released", () => {
    const before = process.listenerCount("SIGHUP");
    interrupts.release();
    expect(process.listenerCount("SIGHUP")).toBe(before - 1);
  });
});

describe("interrupts of a busy program", () => {
  it("take signals that arrive together for one, however late they are heard, and later ones not", async () => {
    vi.useRealTimers();
    interrupts.release();
    const busy = (milliseconds: number) => {
      for (const end = performance.now() + milliseconds; performance.now() < end; );
    };
    interrupts = catchInterrupts(() => {
      // The system takes it down now; the program hears of it when it is done with this.
      process.kill(process.pid, "SIGHUP");
      busy(60);
    }, 20);
    process.kill(process.pid, "SIGHUP");
    await sleep(150);
    expect(interrupts.exitCode).toBe(129);
    expect(exit).not.toHaveBeenCalled();
    process.kill(process.pid, "SIGHUP");
    await vi.waitFor(() => expect(exit.mock.calls).toEqual([[129]]));
  });
});

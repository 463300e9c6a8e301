import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { catchInterrupts, type Interrupts } from "../../src/cli/interrupts.ts";

let interrupts: Interrupts;
const onFirst = vi.fn<(name: string) => void>();
const exit = vi.spyOn(process, "exit");

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["performance"] });
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

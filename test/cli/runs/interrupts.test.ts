import { setImmediate as immediate, setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { catchInterrupts, type Interrupts } from "../../../src/cli/runs/interrupts.ts";

let interrupts: Interrupts;
const onFirst = vi.fn<(name: string) => void>();
const { kill } = process;
const killed = vi.spyOn(process, "kill");

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "setImmediate"] });
  killed.mockReset().mockReturnValue(true);
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

  it("leave the second one to the system, which ends the process", () => {
    const before = process.listenerCount("SIGTERM");
    send("SIGHUP");
    vi.advanceTimersByTime(1001);
    send("SIGTERM");
    expect(killed.mock.calls).toEqual([[process.pid, "SIGTERM"]]);
    expect(process.listenerCount("SIGTERM")).toBe(before - 1);
    expect(onFirst).toHaveBeenCalledOnce();
  });

  it("take signals that come together for one", () => {
    send("SIGTERM");
    send("SIGTERM");
    vi.advanceTimersByTime(999);
    send("SIGTERM");
    expect(killed).not.toHaveBeenCalled();
  });

  it("never end the process because nobody reads the output", () => {
    send("SIGPIPE");
    vi.advanceTimersByTime(5000);
    send("SIGPIPE");
    expect(interrupts.exitCode).toBe(141);
    expect(killed).not.toHaveBeenCalled();
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
      kill(process.pid, "SIGHUP");
      busy(60);
    }, 20);
    kill(process.pid, "SIGHUP");
    await sleep(150);
    // On a busy machine both timers end at once: what the shorter one has started comes first.
    await immediate();
    expect(interrupts.exitCode).toBe(129);
    expect(killed).not.toHaveBeenCalled();
    kill(process.pid, "SIGHUP");
    await vi.waitFor(() => expect(killed.mock.calls).toEqual([[process.pid, "SIGHUP"]]));
  });
});

import type { Trained } from "./contender.ts";

/** One timed stretch of steps. */
export interface Stretch extends Trained {
  readonly ms: number;
  /** Processor time of this process, all its threads. */
  readonly processorMs: number;
}

/** Times stretches of steps, and knows from them how long the next one will take. */
export class StepClock {
  /** Milliseconds of one step, of late; 0 before anything was timed. */
  stepMs = 0;

  /** How many steps take about `ms`; 1 before anything was timed. */
  stepsIn(ms: number): number {
    return this.stepMs === 0 ? 1 : Math.max(1, Math.round(ms / this.stepMs));
  }

  /** Times `work`, which trains `count` steps. */
  async time(count: number, work: () => Promise<Trained>): Promise<Stretch> {
    const before = process.cpuUsage();
    const startedAt = performance.now();
    const trained = await work();
    const ms = performance.now() - startedAt;
    const { user, system } = process.cpuUsage(before);
    this.stepMs = ms / count;
    return { ...trained, ms, processorMs: (user + system) / 1000 };
  }

  /**
   * Trains stretch after stretch for about `seconds` and adds them up.
   * @param train trains so many steps
   */
  async measure(seconds: number, train: (count: number) => Promise<Stretch>) {
    const startedAt = performance.now();
    const left = () => seconds * 1000 - (performance.now() - startedAt);
    const total = { steps: 0, ms: 0, hostMs: 0, processorMs: 0 };
    while (left() > 0 || total.steps === 0) {
      const count = this.stepsIn(Math.min(stretchMs, Math.max(stretchMs / 4, left())));
      const stretch = await train(count);
      total.steps += count;
      total.ms += stretch.ms;
      total.hostMs += stretch.hostMs;
      total.processorMs += stretch.processorMs;
    }
    const { steps, ms, hostMs, processorMs } = total;
    return { steps, seconds: ms / 1000, hostMs, processorMs };
  }
}

/** Milliseconds that one stretch should take. */
const stretchMs = 500;

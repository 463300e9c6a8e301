import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Pacer } from "../../src/training/pacer.ts";

/** A device and its implementation, of which the pacer sees but answers. */
interface World {
  /** Milliseconds of one step. */
  readonly stepMs: number;
  /** What a submission may cost more or less than its steps. */
  readonly noise: number;
  readonly latencyMs: number;
  /** Whether answers come by a timer of `latencyMs`, instead of so much later than the work is done. */
  readonly timer: boolean;
  /** What the first submission takes longer: kernels compile. */
  readonly compileMs: number;
  readonly seed: number;
}

interface Submission {
  readonly at: number;
  readonly steps: number;
  readonly beginsAt: number;
  readonly doneAt: number;
  readonly answeredAt: number;
}

/** A computer whose clock runs only when somebody waits: it trains as the trainer does. */
class Simulation {
  now = 0;
  readonly submissions: Submission[] = [];
  readonly pacer = new Pacer(() => this.now);
  readonly #open: { readonly submission: Submission; readonly handed: ReturnType<Pacer["handOver"]> }[] = [];
  #world: World;
  #random: number;

  constructor(world: World) {
    this.#world = world;
    this.#random = world.seed;
    // Timers began to run long before.
    this.now = world.seed % 1000;
  }

  /** From now on the world is another one. */
  change(changes: Partial<World>): void {
    this.#world = { ...this.#world, ...changes };
  }

  train(targetMs: number, ms: number): void {
    const until = this.now + ms;
    this.pacer.begin(targetMs);
    while (this.now < until) {
      if (this.pacer.steps > 0) this.#submit(this.pacer.steps);
      else this.#wait();
    }
    while (this.#open.length > 0) this.#wait();
  }

  /** What was submitted after `from`. */
  since(from: number): Submission[] {
    return this.submissions.filter(({ at }) => at >= from);
  }

  #submit(steps: number): void {
    const { stepMs, compileMs } = this.#world;
    const last = this.submissions.at(-1);
    const beginsAt = Math.max(this.now, last?.doneAt ?? 0);
    const doneAt = beginsAt + steps * stepMs * this.#about1() + (last ? 0 : compileMs);
    const answeredAt = Math.max(last?.answeredAt ?? 0, this.#answerOf(doneAt));
    const submission = { at: this.now, steps, beginsAt, doneAt, answeredAt };
    this.submissions.push(submission);
    this.#open.push({ submission, handed: this.pacer.handOver(steps) });
    // Encoding takes the host a moment.
    this.now += 0.05;
  }

  #answerOf(doneAt: number): number {
    const { latencyMs, timer } = this.#world;
    if (!timer || latencyMs === 0) return doneAt + latencyMs * this.#about1();
    return Math.ceil(doneAt / latencyMs) * latencyMs + 3 * this.#about1();
  }

  #wait(): void {
    const { submission, handed } = this.#open.shift()!;
    this.now = Math.max(this.now, submission.answeredAt);
    this.pacer.answer(handed);
  }

  /** 1, give or take the noise. */
  #about1(): number {
    this.#random = (Math.imul(this.#random, 1664525) + 1013904223) >>> 0;
    return 1 + this.#world.noise * ((2 * this.#random) / 2 ** 32 - 1);
  }
}

/** From 0 to 500 ms, 0 and small ones as likely as large ones. */
const latencies = fc.oneof(
  fc.constant(0),
  fc.integer({ min: 1, max: 20 }),
  fc.integer({ min: 20, max: 500 }),
);
/** From 5 us to 5 s, every magnitude as likely. */
const prices = fc.double({ min: Math.log(0.005), max: Math.log(5000), noNaN: true }).map(Math.exp);

const worlds: fc.Arbitrary<World> = fc.record({
  stepMs: prices,
  noise: fc.constantFrom(0, 0.1, 0.25),
  latencyMs: latencies,
  timer: fc.boolean(),
  compileMs: fc.constantFrom(0, 0, 100, 60_000),
  seed: fc.nat(1e6),
});

const targets = fc.constantFrom(20, 50);
/** A world in which nothing varies: the default network on a software adapter. */
const even: World = { stepMs: 1, noise: 0, latencyMs: 2, timer: false, compileMs: 0, seed: 5 };
/** Firefox: it looks after its device every 100 ms. */
const timed: World = { ...even, latencyMs: 100, timer: true };
/** What a submission may take beyond what was aimed at, for noise. */
const tolerance = 1.4;

/** Trains until the pacer has had time to find out, and as long again: from `from` on it is looked at. */
function longTraining(world: World, targetMs: number): { simulation: Simulation; from: number } {
  const simulation = new Simulation(world);
  // About twenty doublings of the steps under way, each of which takes an answer.
  const ms = 40 * (world.latencyMs + world.stepMs) + 4000;
  simulation.train(targetMs, world.compileMs + ms);
  const from = simulation.now;
  simulation.train(targetMs, ms);
  return { simulation, from };
}

const stepsOf = (submissions: readonly Submission[]) =>
  submissions.reduce((sum, { steps }) => sum + steps, 0);
const busyMsOf = (submissions: readonly Submission[]) =>
  submissions.reduce((sum, { beginsAt, doneAt }) => sum + doneAt - beginsAt, 0);

const longest = (submissions: readonly Submission[], value: (submission: Submission) => number) =>
  Math.max(...submissions.map(value));

/** The share of the time from `from` on in which the device had work. */
function utilisation(simulation: Simulation, from: number): number {
  const submissions = simulation.since(from);
  return busyMsOf(submissions) / (submissions.at(-1)!.doneAt - submissions[0].beginsAt);
}

describe("the pacer", () => {
  test("tells price from latency on devices of every speed, and keeps them busy with short submissions", () => {
    fc.assert(
      fc.property(worlds, targets, (world, targetMs) => {
        const { simulation, from } = longTraining(world, targetMs);
        const { pacer } = simulation;
        const settled = simulation.since(from);
        const price = busyMsOf(settled) / stepsOf(settled);
        expect(pacer.stepMs / price).toBeGreaterThan(0.7);
        expect(pacer.stepMs / price).toBeLessThan(1.6);
        expect(pacer.latencyMs).toBeLessThan(tolerance * world.latencyMs + world.stepMs + 10);
        expect(utilisation(simulation, from)).toBeGreaterThan(0.75);

        const aim = tolerance * Math.max(targetMs, world.stepMs);
        expect(longest(simulation.submissions, ({ steps }) => steps * world.stepMs)).toBeLessThan(aim);
        const queue = longest(simulation.submissions, ({ at, doneAt }) => doneAt - at);
        expect(queue).toBeLessThan(4 * aim + 5 * world.latencyMs + world.compileMs);

        const until = settled.at(-1)!.answeredAt;
        const lately = until - Math.max(2000, 8 * (world.latencyMs + 2 * world.stepMs));
        const answered = settled.filter(({ answeredAt }) => answeredAt > lately);
        const perSecond = (1000 * stepsOf(answered)) / (until - lately);
        expect(pacer.stepsPerSecond / perSecond).toBeGreaterThan(0.6);
        expect(pacer.stepsPerSecond / perSecond).toBeLessThan(1.6);
      }),
      { numRuns: 60, seed: 1 },
    );
  });

  test("has two submissions under way where answers come at once", () => {
    const { simulation, from } = longTraining(even, 50);
    const settled = simulation.since(from).slice(2, -2);
    expect(longest(settled, ({ steps }) => steps)).toBeLessThanOrEqual(50);
    expect(longest(settled, ({ steps }) => -steps)).toBeLessThan(-44);
    expect(longest(settled, ({ at, doneAt }) => doneAt - at)).toBeLessThan(101);
  });

  test("keeps a device busy whose answers come by a timer, and others hardly wait behind that", () => {
    const { simulation, from } = longTraining(timed, 20);
    expect(utilisation(simulation, from)).toBeGreaterThan(0.95);
    expect(longest(simulation.since(from), ({ at, doneAt }) => doneAt - at)).toBeLessThan(280);
  });

  test("is at full speed again a while after the latency or the price became another one", () => {
    for (const changes of [{ latencyMs: 1000 }, { latencyMs: 20 }, { stepMs: 10 }, { stepMs: 0.1 }]) {
      const { simulation } = longTraining(timed, 20);
      simulation.change(changes);
      simulation.train(20, 20_000);
      const from = simulation.now;
      simulation.train(20, 20_000);
      const what = JSON.stringify(changes);
      expect(utilisation(simulation, from), what).toBeGreaterThan(0.8);
      const { stepMs = timed.stepMs, latencyMs = timed.latencyMs } = changes as Partial<World>;
      const settled = simulation.since(from);
      expect(
        longest(settled, ({ steps }) => steps * stepMs),
        what,
      ).toBeLessThan(tolerance * 20);
      expect(
        longest(settled, ({ at, doneAt }) => doneAt - at),
        what,
      ).toBeLessThan(2 * latencyMs + 100);
    }
  });

  test("forgets a first answer that took long", () => {
    for (const world of [even, timed]) {
      const { simulation } = longTraining({ ...world, compileMs: 30_000 }, 20);
      expect(simulation.pacer.stepsPerSecond).toBeGreaterThan(900);
    }
  });

  test("remembers over a pause what it found out", () => {
    const { simulation } = longTraining(timed, 20);
    simulation.now += 60_000;
    const from = simulation.now;
    simulation.train(20, 1000);
    expect(stepsOf(simulation.since(from))).toBeGreaterThan(900);
    expect(simulation.pacer.stepsPerSecond).toBeGreaterThan(800);
  });
});

import { describe, expect, test } from "vitest";
import { randomStream } from "../../../src/data/random.ts";
import { initialise } from "../../../src/model/initialise.ts";
import { type Config, changeSettings } from "../../../src/model/settings.ts";
import { createTrainer } from "../../../src/training/create-trainer.ts";
import type { NetworkState } from "../../../src/training/sweep/create-group-trainer.ts";
import type { NetworkEvent } from "../../../src/training/sweep/group-network.ts";
import { BestSoFar, bestScored, rungsOf, survivors } from "../../../src/training/sweep/halving.ts";
import {
  createSweep,
  type NetworkEnd,
  type SweepOptions,
  type SweepRunOptions,
} from "../../../src/training/sweep/sweep.ts";
import { giveAway } from "../../helpers/give-away.ts";
import { bytes, dataset, small } from "./group-suite.ts";

const base: Config = { ...small, backend: "cpu", hidden: [4], epochs: 4 };

const networks = (...changes: readonly Partial<Config>[]) =>
  changes.map((change, index) => changeSettings(base, { seed: 3 + index, ...change }));

/** Three kinds of networks, among them one that diverges and some that stop early. */
const mixed = networks(
  { learningRate: 0.3 },
  { hidden: [6], optimizer: "adam", learningRate: 0.01 },
  { learningRate: 1 },
  { learningRate: 900, hidden: [], weightDecay: 3 },
  { learningRate: 0.1, schedule: "cosine" },
  { hidden: [6], optimizer: "adam", learningRate: 0.03, beta2: 0.9 },
  { hidden: [], learningRate: 0.2 },
  { hidden: [], learningRate: 1e-37, patience: 2 },
  { hidden: [], learningRate: 0.1, patience: 2 },
);

/** All that is told of each network, without times. */
type Told = Map<number, object[]>;

function note(told: Told, network: number, event: NetworkEvent): void {
  if (event.type === "steps") return;
  const list = told.get(network) ?? [];
  told.set(network, list);
  if (event.type === "end") {
    const { parameters, error, ...end } = event;
    list.push({ ...end, weights: bytes(parameters), error: error?.message });
  } else {
    const { seconds, stepsPerSecond, ...epoch } = event;
    list.push(epoch);
  }
}

/** Trains a sweep to its end. */
async function trained(options: Omit<SweepOptions, "dataset">, run: SweepRunOptions = {}) {
  const sweep = createSweep({ ...options, dataset });
  const told: Told = new Map();
  const groups: (readonly number[])[] = [];
  const finished = await sweep.run({
    ...run,
    onEvent: (network, event) => note(told, network, event),
    onGroup: (group) => groups.push(group),
  });
  expect([finished, sweep.finished]).toEqual([true, true]);
  return { sweep, told, groups };
}

/** What a network comes to by itself: its weights, and the last figures of the validation images. */
async function alone(config: Config) {
  const trainer = await createTrainer({ config, dataset });
  let accuracy = Number.NaN;
  await trainer.run({
    onEvent: (event) => {
      if (event.type === "epoch") accuracy = event.validation!.accuracy;
    },
  });
  return { weights: bytes(await trainer.engine.readParameters()), accuracy };
}

describe("a sweep", () => {
  test("the best network is none that was halved, unless no other has a score", () => {
    const end = (reason: NetworkEnd["reason"], accuracy: number): NetworkEnd => ({
      ...{ reason, steps: 4 },
      ...(reason !== "diverged" && { score: { loss: 1, accuracy } }),
    });
    const best = (...ends: NetworkEnd[]) => {
      const configs = networks(...ends.map(() => ({})));
      const progress = { states: new Map(), ends: new Map(ends.entries()) };
      return createSweep({ configs, dataset, progress }).best?.network;
    };
    const [halved, better] = [end("halved", 0.8), end("halved", 0.9)];
    expect(best(halved, better, end("finished", 0.5), end("stopped early", 0.7))).toBe(3);
    expect(best(halved, better, end("diverged", 0))).toBe(1);
    expect(best(end("diverged", 0), end("diverged", 0))).toBeUndefined();
  });

  test("the best network so far is the best of all that have ended, whatever their order", () => {
    const random = randomStream(3, "sweep", 0);
    for (let trial = 0; trial < 100; trial++) {
      const ends = Array.from({ length: 8 }, (_, place) => ({
        network: (place * 5) % 8,
        reason: random.integer(3) === 0 ? ("halved" as const) : ("finished" as const),
        score: [
          undefined,
          { loss: Number.NaN, accuracy: 1 },
          { loss: random.integer(3), accuracy: random.integer(3) / 3 },
        ][random.integer(3)],
      }));
      const best = new BestSoFar();
      for (const [index, end] of ends.entries()) {
        const parameters = initialise([2, 1 + end.network], "zeros", 1);
        best.add(end, parameters);
        const expected = bestScored(ends.slice(0, index + 1))?.network;
        expect(best.found?.network).toBe(expected);
        expect(best.found?.parameters?.[0]?.outputs).toBe(expected === undefined ? undefined : 1 + expected);
      }
    }
  });

  test("trains each network as it would be alone, in groups of one kind", async () => {
    const { sweep, told, groups } = await trained({ configs: mixed });
    expect(groups).toEqual([[0, 2, 4], [1, 5], [3, 6], [6], [7, 8], [8]]);
    for (const network of [0, 1, 2, 4, 5, 6]) {
      const { weights, accuracy } = await alone(mixed[network]);
      expect(told.get(network)!.at(-1), `network ${network}`).toMatchObject({
        ...{ reason: "finished", weights },
        score: { accuracy },
      });
    }
    expect(told.get(3)!.at(-1)).toMatchObject({ reason: "diverged" });
    expect(told.get(7)!.at(-1)).toMatchObject({ reason: "stopped early", steps: 12 });
    const accuracies = [...sweep.ends.values()].map(({ score }) => score?.accuracy ?? -1);
    expect(sweep.ends.get(sweep.best!.network)!.score!.accuracy).toBe(Math.max(...accuracies));
    expect(bytes(sweep.best!.parameters!)).toEqual(
      (told.get(sweep.best!.network)!.at(-1) as { weights: string[] }).weights,
    );
  });

  test("trains fewer at a time where there is less room, to the same", async () => {
    const { told } = await trained({ configs: mixed });
    const little = await trained({ configs: mixed, memory: 1 });
    expect(little.groups.every((group) => group.length === 1)).toBe(true);
    expect(little.told).toEqual(told);
  });

  test("halves the networks by the accuracy on validation images, and trains survivors as if alone", async () => {
    const rates = [0.001, 0.3, 0.01, 2, 0.1, 1, 0.03, 0.003];
    const configs = rates.map((learningRate, index) =>
      changeSettings(base, { learningRate, epochs: 8, seed: 1, hidden: index % 3 === 0 ? [5] : [4] }),
    );
    const { told, sweep } = await trained({ configs, halving: true });
    const { told: all } = await trained({ configs });
    const validation = (network: number, epoch: number) =>
      (all.get(network)![epoch - 1] as { validation: { loss: number; accuracy: number } }).validation;
    let left = rates.map((_, network) => network);
    expect(sweep.rungs).toEqual([1, 2, 4]);
    for (const epoch of sweep.rungs) {
      const ranked = [...left].sort((a, b) => {
        const [x, y] = [a, b].map((network) => validation(network, epoch));
        return y.accuracy - x.accuracy || x.loss - y.loss || a - b;
      });
      const worse = ranked.slice(ranked.length / 2);
      for (const network of worse) {
        expect(told.get(network)).toEqual([
          ...all.get(network)!.slice(0, epoch),
          expect.objectContaining({ reason: "halved", steps: 4 * epoch }),
        ]);
      }
      left = left.filter((network) => !worse.includes(network));
    }
    expect(left).toHaveLength(1);
    expect(told.get(left[0])).toEqual(all.get(left[0]));
  });
});

test("a sweep pauses and goes on by itself, one run at a time", async () => {
  const { told } = await trained({ configs: mixed });
  const sweep = createSweep({ configs: mixed, dataset });
  const paused: Told = new Map();
  for (let finished = false; !finished; ) {
    const pause = new AbortController();
    const running = sweep.run({
      signal: pause.signal,
      onEvent(network, event) {
        note(paused, network, event);
        if (event.type === "epoch") pause.abort();
      },
    });
    await expect(sweep.run()).rejects.toThrow("run() was called while the sweep runs");
    finished = await running;
  }
  expect(paused).toEqual(told);
});

test.each([
  [8, 8, [1, 2, 4]],
  [5, 100, [1, 2]],
  [64, 4, [16, 32]],
  [1, 8, []],
  [10, 1, []],
])("with %i epochs and %i networks halves after %j", (epochs, count, expected) => {
  expect(rungsOf(epochs, count)).toEqual(expected);
});

test("a network whose loss is no number is no better than one of which nothing is known, however many images it has right", () => {
  const lost = [Number.NaN, Number.POSITIVE_INFINITY].map((loss, network) => ({
    network,
    score: { loss, accuracy: 0.9 },
  }));
  const learnt = { network: 2, score: { loss: 2.3, accuracy: 0.1 } };
  const all = [...lost, learnt, { network: 3 }];
  expect(survivors(all)).toEqual([2, 0]);
  expect(bestScored(all)).toBe(learnt);
  expect(bestScored(lost)).toBeUndefined();
  const bestOf = (...scored: readonly (typeof learnt)[]) => {
    const ends = scored.map(({ score }, network): [number, NetworkEnd] => [
      network,
      { reason: "finished", steps: 16, score },
    ]);
    const configs = networks(...scored.map(() => ({})));
    return createSweep({ configs, dataset, progress: { states: new Map(), ends: new Map(ends) } }).best;
  };
  expect(bestOf(...lost, learnt)).toEqual({ network: 2 });
  expect(bestOf(...lost)).toBeUndefined();
});

/** What a program keeps of a sweep that may be killed. */
class Kept {
  states = new Map<number, NetworkState>();
  ends = new Map<number, NetworkEnd>();
  told: Told = new Map();
  /** What happened since the last checkpoint: lost if the program is killed. */
  #since: (readonly [number, NetworkEvent])[] = [];

  hear(network: number, event: NetworkEvent): void {
    this.#since.push([network, event]);
  }

  checkpoint(states: ReadonlyMap<number, NetworkState>): void {
    for (const [network, event] of this.#since.splice(0)) {
      note(this.told, network, event);
      if (event.type !== "end") continue;
      const { type, parameters, error, ...end } = event;
      this.ends.set(network, end);
      this.states.delete(network);
    }
    for (const [network, state] of states) this.states.set(network, state);
  }

  kill(): void {
    this.#since = [];
  }
}

describe.each([
  { name: "all to their ends", configs: mixed, halving: false },
  {
    name: "halved",
    configs: networks(
      ...[0.3, 0.001, 1, 0.01, 2, 0.1, 0.03].map((learningRate) => ({ learningRate, epochs: 8 })),
    ),
    halving: true,
  },
])("interrupted ten times at random moments, $name", ({ configs, halving }) => {
  test("comes to the same as without", async () => {
    const random = randomStream(5, "verification", Number(halving));
    const { told } = await trained({ configs, halving });
    const kept = new Kept();
    let interrupted = 0;
    for (let finished = false; !finished; ) {
      const pause = new AbortController();
      // The first ten times it has but little time; then it may come to its end.
      let events = interrupted < 10 ? 1 + random.integer(12) : Number.POSITIVE_INFINITY;
      const killed = new Error("killed");
      const isKilled = random.integer(2) === 0;
      const sweep = createSweep({ configs, dataset, halving, progress: kept, memory: 12_000 });
      finished = await sweep
        .run({
          signal: pause.signal,
          targetMs: 0.01,
          onEvent(network, event) {
            if (events-- === 0 && isKilled) throw killed;
            if (events < 0) pause.abort();
            kept.hear(network, event);
          },
          onCheckpoint: async (states) => kept.checkpoint(states),
        })
        .catch((error: unknown) => {
          if (error !== killed) throw error;
          kept.kill();
          return false;
        });
      interrupted += Number(!finished);
    }
    expect(interrupted).toBeGreaterThanOrEqual(10);
    expect(kept.told).toEqual(told);
  });
});

test("a sweep's networks are those that were checked, in the room that was", async () => {
  const { told } = await trained({ configs: mixed });
  const configs = mixed.map((config) => ({ ...config, hidden: [...config.hidden] }));
  const sweep = createSweep({ configs, dataset });
  for (const config of configs) Object.assign(config, { learningRate: -5, hidden: [] });
  configs.push(configs[0]);
  const heard: Told = new Map();
  await sweep.run({ onEvent: (network, event) => note(heard, network, event) });
  expect(heard).toEqual(told);
  for (const memory of [Number.NaN, 0, -1])
    expect(() => createSweep({ configs: mixed, dataset, memory })).toThrow(`memory: got ${memory}, expected`);
});

test.each([
  ["throws", false],
  ["rejects with", true],
])(
  "what a listener %s pauses a sweep, which goes on from there and tells of nothing twice",
  async (_, isAsync) => {
    const { told } = await trained({ configs: mixed });
    const sweep = createSweep({ configs: mixed, dataset });
    const wrong = new Error("the chart is gone");
    const heard: Told = new Map();
    let [events, steps] = [0, 0];
    const run = () =>
      sweep.run({
        targetMs: 0.01,
        onEvent(network, event) {
          note(heard, network, event);
          if (event.type === "steps" && network === 0) steps += event.loss.length;
          if (++events % 40 !== 0) return undefined;
          if (isAsync) return Promise.reject(wrong);
          throw wrong;
        },
      });
    let thrown = 0;
    const count = (error: unknown) => {
      expect(error).toBe(wrong);
      return ++thrown;
    };
    while (!sweep.finished && thrown < 50) await run().catch(count);
    expect(thrown).toBeGreaterThan(3);
    expect(steps).toBe(16);
    expect(heard).toEqual(told);
  },
);

test.each(["onGroup", "onEvent"] as const)(
  "what %s rejects with is thrown, where networks are halved too",
  async (which) => {
    const configs = networks({ learningRate: 0.3 }, { learningRate: 0.001 });
    const wrong = new Error("the chart is gone");
    const told: string[] = [];
    const hear = async (what: string) => {
      told.push(what);
      if (what === (which === "onGroup" ? "group" : "halved")) throw wrong;
    };
    const run = createSweep({ configs, dataset, halving: true }).run({
      onGroup: () => hear("group"),
      onEvent: (_, event) => hear(event.type === "end" ? event.reason : event.type),
    });
    await expect(run).rejects.toBe(wrong);
    expect(told.at(-1)).toBe(which === "onGroup" ? "group" : "halved");
  },
);

test("what a sweep hands out and is given may be given away", async () => {
  const rates = [0.3, 0.001, 1, 0.01].map((learningRate) => ({ learningRate, keepBest: true }));
  const configs = networks(...rates.map((change, index) => ({ ...change, hidden: [4 + (index % 2)] })));
  const { told } = await trained({ configs, halving: true });
  const pause = new AbortController();
  const begun: Told = new Map();
  const states = new Map<number, NetworkState>();
  const first = createSweep({ configs, dataset, halving: true });
  await first.run({
    signal: pause.signal,
    onEvent(network, event) {
      note(begun, network, structuredClone(event));
      giveAway(event);
    },
    async onCheckpoint(given) {
      for (const [network, state] of given) states.set(network, structuredClone(state));
      giveAway(given);
      if (begun.size === 4) pause.abort();
    },
  });
  const rest = createSweep({ configs, dataset, halving: true, progress: { states, ends: first.ends } });
  giveAway(states);
  await rest.run({ onEvent: (network, event) => note(begun, network, event) });
  expect(begun).toEqual(told);
});

test.each<[readonly Config[], boolean, RegExp]>([
  [[], false, /at least one network/],
  [networks({ validation: 0 }, {}), false, /^--validation 0: a sweep chooses by validation images/],
  [networks({}, { validation: 135 }), false, /leaves nothing of the 135 training images/],
  [networks({}, { epochs: 2 }), true, /^--epochs 4 and 2 does not go with halving/],
  [networks({}, {}).map((config) => ({ ...config, steps: 9 })), true, /^--steps 9 does not go with halving/],
  [
    networks({}, {}).map((config) => ({ ...config, evaluateEvery: 3 })),
    true,
    /^--evaluate-every 3 .*comparison 2/,
  ],
  [networks({}), true, /^Halving needs at least two networks and two epochs: got 1 and 4\./],
])("refuses %#", (configs, halving, message) => {
  expect(() => createSweep({ configs, dataset, halving })).toThrow(message);
});

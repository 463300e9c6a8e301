import { parameterCount } from "../../model/parameters.ts";
import { networkSizes } from "../../training/create-trainer.ts";
import type { StepsEvent } from "../../training/events.ts";
import { bestScored } from "../../training/sweep/halving.ts";
import type { Sweep } from "../../training/sweep/sweep.ts";
import { duration, percent, rate } from "../format.ts";
import { type StatusBar, statusBar } from "../runs/progress.ts";
import { expectedSteps } from "./expected-steps.ts";

/** How far a sweep is, at the bottom of the terminal: networks that are done, steps a second of all, the best, the time left. */
export class SweepProgress {
  readonly bar: StatusBar;
  readonly #sweep: Sweep;
  readonly #numbers: readonly number[];
  /** What a step of each network costs, in parameters, and the steps that it has made. */
  readonly #costs: readonly number[];
  readonly #made: number[];
  /** The networks trained together at present. */
  #group: readonly number[] = [];
  #drawnAt = 0;

  constructor(stream: NodeJS.WriteStream, sweep: Sweep, numbers: readonly number[], made: readonly number[]) {
    this.#sweep = sweep;
    this.#numbers = numbers;
    this.#made = [...made];
    this.#costs = sweep.configs.map((config) => parameterCount(networkSizes(config, sweep.dataset)));
    const format = "{networks} networks done [{bar}] {percentage}%  {left} left  {rate}  {best}";
    this.bar = statusBar(stream, format, 100);
  }

  begin(group: readonly number[]): void {
    this.#group = group;
  }

  /** Steps of the network at `place` are done. */
  steps(place: number, { firstStep, loss, stepsPerSecond }: StepsEvent): void {
    this.#made[place] = firstStep + loss.length - 1;
    // Networks of a group report one after the other: not each of them needs a drawing.
    if (performance.now() - this.#drawnAt < 100) return;
    this.#drawnAt = performance.now();
    const { ends, configs } = this.#sweep;
    const active = this.#group.filter((member) => !ends.has(member));
    const workPerSecond = stepsPerSecond * active.reduce((sum, member) => sum + this.#costs[member], 0);
    const left = this.#left;
    this.bar.update((100 * this.#done) / (this.#done + left), {
      networks: `${ends.size}/${configs.length}`,
      left: duration(left / workPerSecond),
      rate: rate(stepsPerSecond * active.length),
      best: this.#best,
    });
  }

  get #done(): number {
    return this.#made.reduce((sum, steps, place) => sum + steps * this.#costs[place], 0);
  }

  /** Work that is left, as far as is known. */
  get #left(): number {
    const { configs, ends } = this.#sweep;
    const alive = [...configs.keys()].filter((place) => !ends.has(place));
    const work = alive.map(
      (place) => expectedSteps(this.#sweep, place, this.#made[place]) * this.#costs[place],
    );
    return work.reduce((sum, part) => sum + part, 0);
  }

  get #best(): string {
    const best = bestScored([...this.#sweep.ends].map(([network, end]) => ({ ...end, network })));
    return best?.score
      ? `best ${percent(best.score.accuracy)} (network ${this.#numbers[best.network]})  `
      : "";
  }
}

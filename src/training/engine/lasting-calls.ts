import { DeviceLosses } from "../../gpu/device-losses.ts";
import { DeviceLostError } from "../../gpu/gpu.ts";
import { handled } from "../handled.ts";
import type { GroupEngine } from "./group-engine.ts";

/** Makes an engine: the first one, or after the loss of a device another, on another device of the same kind. */
export type MakeEngine = (lost?: DeviceLostError) => Promise<GroupEngine>;

/** Something that an engine can be asked. */
export interface Call {
  /**
   * What another engine must be asked to be where this one is: no questions, the last state, which leaves nothing of what there
   * was before, the steps and other changes since then, and the last order.
   */
  readonly kind: "question" | "state" | "steps" | "change" | "order";
  readonly ask: (engine: GroupEngine) => unknown;
  /** What takes the place of the call once it is answered. */
  readonly becomes?: (answer: unknown) => Call;
}

/** Calls to be asked again, beyond which the state is read, so that fewer are. */
const mostCalls = 256;

/** A call and how far it is. */
interface Asked {
  call: Call;
  /** The engine that was asked last. */
  of: GroupEngine;
  answered: boolean;
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Calls that are answered although devices are lost: another engine is asked again, in the same order, whatever it needs to be
 * where the lost one was, and what that has not answered.
 */
export class LastingCalls {
  readonly #make: MakeEngine;
  readonly #readState: Call;
  #readingState = false;
  readonly #losses: DeviceLosses;
  /** Who is asked. Until another has taken its place it is the lost one, which still says what is wrong with a call. */
  #engine: GroupEngine;
  #calls: Asked[] = [];
  #replacing = false;
  #destroyed = false;
  /** Why there is no other engine. */
  #end: { readonly error: unknown } | undefined;

  private constructor(engine: GroupEngine, make: MakeEngine, readState: Call, losses: DeviceLosses) {
    this.#engine = engine;
    this.#make = make;
    this.#readState = readState;
    this.#losses = losses;
  }

  /**
   * @param readState the question whose answer becomes the state
   * @throws whatever `make` does; of losses of devices, only those that are too many
   */
  static async begin(make: MakeEngine, readState: Call): Promise<LastingCalls> {
    const losses = new DeviceLosses();
    for (let lost: DeviceLostError | undefined; ; ) {
      try {
        return new LastingCalls(await make(lost), make, readState, losses);
      } catch (error) {
        if (!losses.count(error)) throw lastWord(error);
        lost = error;
      }
    }
  }

  get engine(): GroupEngine {
    return this.#engine;
  }

  /** Asks, and answers for certain, or with the reason why there is no other device. Throws what is wrong with the call. */
  ask<T>(call: Call): Promise<T> {
    if (this.#end) return handled(Promise.reject(this.#end.error));
    const of = this.#engine;
    const answer = call.ask(of);
    return handled(
      new Promise<T>((resolve, reject) => {
        const asked = { call, of, answered: false, resolve, reject } as Asked;
        this.#calls.push(asked);
        if (!(answer instanceof Promise)) this.#answered(asked, answer);
        else void this.#passOn(asked, answer).then((lost) => lost && this.#lost(of, lost));
      }),
    );
  }

  destroy(): void {
    this.#destroyed = true;
    this.#engine.destroy();
    if (this.#replacing) this.#giveUp(new Error("the engine was destroyed while its device was replaced"));
  }

  /** Passes on what the engine that was asked last answers; resolves with the loss of its device, if it answers nothing else. */
  async #passOn(asked: Asked, answer: unknown): Promise<DeviceLostError | undefined> {
    const { of } = asked;
    try {
      this.#answered(asked, await answer);
    } catch (error) {
      if (error instanceof DeviceLostError) return error;
      if (asked.of !== of || asked.answered) return undefined;
      asked.answered = true;
      asked.reject(error);
    }
    return undefined;
  }

  #answered(asked: Asked, answer: unknown): void {
    if (asked.answered) return;
    const { call } = asked;
    asked.answered = true;
    // A question counts where nothing else is still to be answered: steps may be what devices are lost of.
    const isLast = call.kind === "question" && this.#calls.every(({ answered }) => answered);
    if (call.kind === "steps" || isLast) this.#losses.forget();
    if (call.becomes) asked.call = call.becomes(answer);
    asked.resolve(answer);
    this.#forget();
    if (this.#calls.length > mostCalls) this.#shorten();
  }

  /** Reads the state, which makes the calls before it needless: whoever trains may never ask for it. */
  #shorten(): void {
    if (this.#readingState || this.#destroyed) return;
    this.#readingState = true;
    const done = () => {
      this.#readingState = false;
    };
    this.ask(this.#readState).then(done, done);
  }

  /** Drops what neither waits for an answer nor would be asked again. */
  #forget(): void {
    const calls = this.#calls;
    const unanswered = calls.findIndex(({ answered }) => !answered);
    const before = unanswered < 0 ? calls : calls.slice(0, unanswered);
    const state = before.findLastIndex(({ call }) => call.kind === "state");
    const order = calls.slice(0, Math.max(state, 0)).findLastIndex(({ call }) => call.kind === "order");
    this.#calls = calls.filter(
      ({ answered, call }, at) => !answered || (call.kind !== "question" && (at >= state || at === order)),
    );
  }

  #lost(of: GroupEngine, error: DeviceLostError): void {
    if (of !== this.#engine || this.#replacing || this.#end) return;
    // Whoever destroys an engine often destroys its device next, which others need not know apart from a loss.
    if (this.#destroyed) this.#refuse(error);
    else void this.#replace(error);
  }

  /** Makes another engine take the place of the lost one. */
  async #replace(lost: DeviceLostError): Promise<void> {
    this.#replacing = true;
    const before = this.#engine;
    let error: unknown = lost;
    while (this.#replacing && this.#losses.count(error)) {
      try {
        const engine = await this.#make(error);
        error = await this.#askAgain(engine);
        (error ? engine : before).destroy();
      } catch (failure) {
        error = failure;
      }
    }
    if (this.#replacing) this.#giveUp(lastWord(error));
  }

  /** Asks another engine all that there is to ask, and puts it in the place of the other; resolves with its loss, if it is lost. */
  async #askAgain(engine: GroupEngine): Promise<DeviceLostError | undefined> {
    while (this.#replacing) {
      const asked = this.#calls.find(({ of }) => of !== engine);
      if (!asked) {
        this.#engine = engine;
        this.#replacing = false;
        return undefined;
      }
      asked.of = engine;
      // One after the other: what a second's steps upload would be much at once.
      const answer = new Promise((resolve) => resolve(asked.call.ask(engine)));
      const lost = await this.#passOn(asked, answer);
      if (lost) return lost;
    }
    engine.destroy();
    return undefined;
  }

  #giveUp(error: unknown): void {
    this.#replacing = false;
    this.#end = { error };
    this.#refuse(error);
  }

  /** Rejects all that is not answered. */
  #refuse(error: unknown): void {
    for (const { answered, reject } of this.#calls) if (!answered) reject(error);
    this.#calls = [];
  }
}

/** What there is to say of an error after which no other device is asked for. */
function lastWord(error: unknown): unknown {
  if (!(error instanceof DeviceLostError)) return error;
  return new DeviceLostError(
    `${error.message} Devices were lost again and again, with no step between: the driver may need a restart.`,
    { cause: error },
  );
}

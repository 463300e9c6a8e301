/** Submissions that are always under way if there is work: one is computed while the next one waits behind it. */
const fewestUnderWay = 2;
/** Milliseconds of answers that figures are taken from, and how many times the wait for an answer they cover at least. */
const historyMs = 2000;
const historyWaits = 8;
/** Milliseconds by which a browser's clock may be wrong. */
const clockMs = 1;
/** How often a latency is measured in a row: the median counts, since timers may be about to ring, and machines be busy. */
const checksInARow = 3;
/** How long a latency is believed, in ms and in answers' waits: it changes when a page is hidden, for example. */
const beliefMs = 15_000;
const beliefWaits = 60;
/** A price that rises to so many times what it was makes the latency doubtful at once. */
const doubtfulRise = 2;
/** Work under way for each millisecond of latency: while more of it makes training faster, and when it no longer does. */
const searching = 4;
const settled = 2;
/** A price is still falling if it fell below this part of itself while an answer was waited for. */
const falling = 0.85;
/** No more work than this is put under way for it: whoever else asks something of the device waits behind that. */
const mostFilledMs = 2000;

/** Steps that were handed over. */
export interface Handed {
  readonly steps: number;
  readonly at: number;
  /** What a step seemed to cost then, in ms. */
  readonly price: number;
  /** `check`: a single step, with nothing else under way, for the latency. */
  readonly purpose: "first" | "check" | "work";
}

/**
 * Decides how many steps go into one submission, so that it takes about a target time on whatever computes: long
 * enough that submitting costs nothing, short enough for progress, a responsive page and the driver's watchdog. And how
 * many submissions are under way, so that the device is never idle while an answer is on its way.
 *
 * An answer comes later than the work is done: at once in one implementation, by a timer of 100 ms in another. So what
 * a submission took says little of what its steps cost. Two things are certain whatever the latency:
 * - All steps that were handed over since some moment, and are answered, were computed since then. That time divided by
 *   their number is never less than their price, and the more of them are under way, the closer it comes.
 * - Who has the device alone waits for the latency and the own steps, and for nothing else.
 * So more steps are put under way as long as that makes the price fall, then as many as fill the latency.
 */
export class Pacer {
  readonly #clock: () => number;
  #targetMs = 50;
  /** Time in which nothing was under way: it does not count. */
  #idleMs = 0;
  #price = Number.POSITIVE_INFINITY;
  #priceFalls = true;
  #lowestPrice = Number.POSITIVE_INFINITY;
  /** Milliseconds of the answers to single steps that had the device alone, in this row of checks; the median of the last. */
  #checkedMs: readonly number[] = [];
  #aloneMs: number | undefined;
  #doubtAt = 0;
  #begins = true;
  #underWay: readonly Handed[] = [];
  #answered: readonly (Handed & { readonly answeredAt: number })[] = [];

  /** @param clock milliseconds since some moment */
  constructor(clock = () => performance.now()) {
    this.#clock = clock;
  }

  /**
   * Begins anew with nothing under way; what is known of price and latency stays.
   * @param targetMs time that one submission should take
   */
  begin(targetMs: number): void {
    this.#targetMs = targetMs;
    this.#underWay = [];
    this.#begins = true;
    this.#idleMs += this.#now - (this.#answered.at(-1)?.answeredAt ?? this.#now);
  }

  /** Milliseconds that a step costs: never less, and soon hardly more; infinite before the first answer. */
  get stepMs(): number {
    return this.#price;
  }

  /** Milliseconds from the end of work to its answer, as far as is known. */
  get latencyMs(): number {
    return Math.max(0, (this.#aloneMs ?? 0) - this.#price);
  }

  /** Steps that were answered in a second of late. */
  get stepsPerSecond(): number {
    const [first, ...later] = this.#answered;
    const ms = (later.at(-1)?.answeredAt ?? 0) - (first?.answeredAt ?? 0);
    return ms > 0 ? (1000 * stepsOf(later)) / ms : 1000 / this.#price;
  }

  /** Steps to submit next; none if an answer must be waited for first. */
  get steps(): number {
    const steps = Math.max(1, Math.floor(this.#targetMs / this.#price));
    const { length } = this.#underWay;
    if (this.#checks) return length === 0 ? 1 : 0;
    if (length < fewestUnderWay) return steps;
    const work = (stepsOf(this.#underWay) + steps) * this.#price;
    const filled = (this.#priceFalls ? searching : settled) * (this.#aloneMs ?? 0);
    return work <= 2 * this.#targetMs + Math.min(filled, mostFilledMs) ? steps : 0;
  }

  /** Takes note that `steps` steps are handed over now. */
  handOver(steps: number): Handed {
    const purpose = this.#begins ? "first" : this.#checks ? "check" : "work";
    const handed: Handed = { steps, at: this.#now, price: this.#price, purpose };
    this.#begins = false;
    this.#underWay = [...this.#underWay, handed];
    return handed;
  }

  /** Takes note that they are answered now; answers come in order. */
  answer(handed: Handed): void {
    // Who failed and began anew waits for nothing that was under way before.
    if (!this.#underWay.includes(handed)) return;
    const ms = this.#now - handed.at;
    this.#underWay = this.#underWay.filter((other) => other !== handed);
    if (handed.purpose === "check") {
      this.#checked(ms);
      return;
    }
    const now = this.#now;
    const since = now - Math.max(historyMs, historyWaits * ms);
    this.#answered = [...this.#answered.filter(({ at }) => at >= since), { ...handed, answeredAt: now }];
    this.#price = lowestPrice(this.#answered, now);
    this.#lowestPrice = Math.min(this.#price, this.#lowestPrice);
    this.#priceFalls = this.#price < falling * handed.price;
  }

  #checked(ms: number): void {
    // That the device had nothing else to do was our own wish.
    this.#idleMs += ms;
    this.#checkedMs = [...this.#checkedMs, ms].sort((a, b) => a - b);
    if (this.#checkedMs.length < checksInARow) return;
    const aloneMs = this.#checkedMs[(checksInARow - 1) / 2];
    this.#aloneMs = aloneMs;
    this.#checkedMs = [];
    this.#lowestPrice = this.#price;
    this.#doubtAt = this.#now + Math.max(beliefMs, beliefWaits * aloneMs);
  }

  /** Whether the latency is to be found out before anything else. */
  get #checks(): boolean {
    if (this.#aloneMs === undefined) return !this.#begins;
    return this.#now >= this.#doubtAt || this.#price > doubtfulRise * this.#lowestPrice;
  }

  get #now(): number {
    return this.#clock() - this.#idleMs;
  }
}

/** The lowest of what a step cost at most, by those handed over since each of `handed`, all of them answered by `now`. */
function lowestPrice(handed: readonly Handed[], now: number): number {
  let steps = 0;
  return handed.reduceRight((price, { steps: more, at }) => {
    steps += more;
    return Math.min(price, (now - at + clockMs) / steps);
  }, Number.POSITIVE_INFINITY);
}

function stepsOf(handed: readonly Handed[]): number {
  return handed.reduce((sum, { steps }) => sum + steps, 0);
}

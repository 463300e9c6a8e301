import { UserError } from "../../../src/errors.ts";

/** What Mesa's compiler for AMD's GPUs (ACO) says of one kernel. */
export interface KernelStatistics {
  readonly vgprs: number;
  readonly sgprs: number;
  /** Registers that did not fit and live in memory, of both kinds. */
  readonly spills: number;
  /** Bytes of workgroup memory. */
  readonly workgroupMemory: number;
  /** Waves that a SIMD can hold at once. */
  readonly waves: number;
  /** Bytes of instructions. */
  readonly codeBytes: number;
  /** Cycles that one wave takes, a loop counted as eight rounds, one within it as four. */
  readonly latency: number;
  /** Cycles of a SIMD for 64 invocations, if it is full of waves; loops as above. */
  readonly inverseThroughput: number;
  readonly listing: Listing;
}

/** Something counted in a kernel's instructions: what lies in loops, as often as the compiler's rounds take it, and the rest. */
export interface Tally {
  readonly inLoops: number;
  readonly outside: number;
}

/** What a kernel's instructions are. */
export interface Listing {
  readonly multiplyAdds: Tally;
  /** Of vectors, from memory. */
  readonly loads: Tally;
  readonly instructions: Tally;
  /** Waits for memory. */
  readonly waits: Tally;
}

/** Names that Mesa gives them (`RADV_DEBUG=shaderstats`). */
const names = {
  vgprs: "VGPRs",
  sgprs: "SGPRs",
  spilledVgprs: "Spilled VGPRs",
  spilledSgprs: "Spilled SGPRs",
  workgroupMemory: "LDS size",
  waves: "Subgroups per SIMD",
  codeBytes: "Code size",
  latency: "Latency",
  inverseThroughput: "Inverse Throughput",
} as const;

/** What the compiling program writes before each kernel's statistics, among what Mesa writes. */
export function mark(index: number): string {
  return `@@ kernel ${index}`;
}

/**
 * Reads what Mesa wrote while kernels were compiled one after another, each behind its `mark`: its listing
 * (`RADV_DEBUG=asm`) and its statistics (`shaderstats`).
 * @returns one entry for each of `count` kernels
 * @throws UserError if a kernel has no statistics, or not those that are needed
 */
export function parseStatistics(text: string, count: number): KernelStatistics[] {
  const parts = new Map(
    text
      .split(/^@@ kernel /m)
      .slice(1)
      .map((part) => [Number.parseInt(part, 10), part]),
  );
  return Array.from({ length: count }, (_, index) => statisticsOf(parts.get(index) ?? "", index));
}

function statisticsOf(text: string, index: number): KernelStatistics {
  const values = new Map(
    [...text.matchAll(/^([A-Z][\w .-]*): (\d+)$/gm)].map(([, name, value]) => [name, Number(value)]),
  );
  const value = (name: keyof typeof names) => {
    const found = values.get(names[name]);
    if (found !== undefined) return found;
    throw new UserError(
      `Mesa's compiler says nothing of "${names[name]}" for kernel ${index}: expected statistics as Mesa 25 prints them ` +
        `(RADV_DEBUG=shaderstats), got ${values.size > 0 ? [...values.keys()].join(", ") : "none"}. ` +
        "--chips with fewer names leaves a chip out that this Mesa does not compile for.",
    );
  };
  return {
    vgprs: value("vgprs"),
    sgprs: value("sgprs"),
    spills: value("spilledVgprs") + value("spilledSgprs"),
    workgroupMemory: value("workgroupMemory"),
    waves: value("waves"),
    codeBytes: value("codeBytes"),
    latency: value("latency"),
    inverseThroughput: value("inverseThroughput"),
    listing: listingOf(text),
  };
}

/**
 * What is counted of one line. `v_fma_f32`, `v_fmac_f32_e32`, `v_dual_fmac_f32` (half of an instruction) and so on are
 * multiply-adds, `v_pk_fma_f32` are two.
 */
const counters: Readonly<Record<keyof Listing, (line: string) => number>> = {
  multiplyAdds: (line) =>
    count(line, /\bv_(dual_)?(fma|fmac|fmamk|fmaak|mad|mac|madmk|madak)_f32/g) +
    2 * count(line, /\bv_pk_fma_f32/g),
  loads: (line) => count(line, /\b(buffer|global)_load_/g),
  instructions: (line) => count(line, /^\t *[a-z]/g),
  waits: (line) => count(line, /\bs_waitcnt .*(vmcnt|lgkmcnt)|\bs_wait_(load|km)cnt/g),
};

function count(line: string, what: RegExp): number {
  return line.match(what)?.length ?? 0;
}

/** How often the compiler takes it that a loop within so many others goes round: eight times, four within one, two within two. */
function roundsAt(depth: number): number {
  return depth === 1 ? 8 : 32 * 2 ** (depth - 2);
}

/**
 * Counts in a kernel's listing, Mesa's own where its disassembler does not know the chip. What lies between a label and the
 * last jump back to it is a loop.
 */
function listingOf(text: string): Listing {
  const lines = text.split("\n");
  const labels = new Map(
    lines.flatMap((line, at) => (/^BB\d+:?$/.test(line) ? [[line.replace(":", ""), at]] : [])),
  );
  const ends = new Map<number, number>();
  lines.forEach((line, at) => {
    if (!/\bs_c?branch/.test(line)) return;
    for (const [label] of line.matchAll(/\bBB\d+/g)) {
      const begin = labels.get(label);
      if (begin !== undefined && begin <= at) ends.set(begin, at);
    }
  });
  const loops = [...ends];
  const depths = lines.map((_, at) => loops.filter(([begin, end]) => begin <= at && at <= end).length);
  const tally = (counter: (line: string) => number): Tally => {
    const sum = { inLoops: 0, outside: 0 };
    lines.forEach((line, at) => {
      if (depths[at] === 0) sum.outside += counter(line);
      else sum.inLoops += counter(line) * roundsAt(depths[at]);
    });
    return sum;
  };
  const { multiplyAdds, loads, instructions, waits } = counters;
  return {
    multiplyAdds: tally(multiplyAdds),
    loads: tally(loads),
    instructions: tally(instructions),
    waits: tally(waits),
  };
}

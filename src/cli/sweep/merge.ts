import { join } from "node:path";
import { UserError } from "../../errors.ts";
import { mostReadable, readBytes } from "../../node/read-bytes.ts";
import { openCompute } from "../compute.ts";
import { commandText, type PastedFlags } from "../flags.ts";
import type { Output } from "../output.ts";
import { modelName, RunFolder } from "../runs/run-folder.ts";
import { readKept } from "./kept-network.ts";
import { loadSweepData } from "./sweep-data.ts";
import { checkChosen, finishSweep } from "./sweep-end.ts";
import { type Asked, checkAlone } from "./sweep-flags.ts";
import { networkPlace, type SweepDescription, SweepFolder } from "./sweep-folder.ts";
import { configOf, networksText } from "./sweep-lines.ts";
import { isClosed, type ReadSweep, readSweep } from "./sweep-reader.ts";
import { bestOf, type NetworkEndRecord, type SweepRecord } from "./sweep-records.ts";

/** What all parts of a sweep say alike. */
const shared = ["program", "identity", "swept", "halving", "keep", "config", "networks"] as const;

/**
 * Puts the parts of a sweep together in a new folder: one report, and the test split's word on the best network of all.
 * @returns the exit code
 * @throws UserError for parts of another sweep, or if no network is done, or, once the report is written, if parts are missing
 */
export async function mergeSweeps(paths: readonly string[], asked: Asked, output: Output): Promise<number> {
  const others = ["preset", "seeds", "random", "halving", "keep", "memory", "shard", "yes"] as const;
  checkAlone("--merge", asked, others, "the parts have been trained with their own");
  const parts: ReadSweep[] = [];
  for (const path of paths) parts.push(await readSweep(path));
  const [first] = parts;
  for (const part of parts) checkSameSweep(part, first);
  const { shard: _, ...whole } = first.description;
  const description: SweepDescription = { ...whole, merged: true, started: new Date().toISOString() };
  const { notice } = output;
  const found = findNetworks(parts, notice);
  const missing = await missingText(description, { parts, found, flags: asked.flags });
  if (found.size === 0) throw new UserError(`--merge: none of the networks is done. ${missing}`);
  const kept = await findKept(description, found);
  const { flags } = asked;
  const dataset = await loadSweepData(first, flags.data, "--merge", notice);
  const compute = await openCompute({ ...flags, backend: configOf(description, 1).backend, notice });
  try {
    output.say(`Adapter: ${compute.description}`);
    const { out, name = description.name } = flags;
    const folder = await SweepFolder.create(out === undefined ? { name } : { out }, description);
    output.say(`Sweep folder: ${folder.path}`);
    const networks = [...found].sort(([a], [b]) => a - b).map(([, network]) => network.records);
    for (const ofNetwork of networks) folder.append(...ofNetwork);
    const records = networks.flat();
    for (const [number, path] of kept) await copyNetwork(path, number, folder);
    const end = await finishSweep({ folder, records, dataset, compute, flags }, output);
    await folder.removeUnkept();
    if (missing) throw new UserError(`${missing} The report has what there is, and no network was chosen.`);
    checkChosen(end, folder, output);
    return 0;
  } finally {
    compute.destroy();
  }
}

function checkSameSweep({ path, description }: ReadSweep, first: ReadSweep): void {
  // Of the data it is the sum that tells: each part may have it in a folder of another name.
  const told = ({ identity, ...others }: SweepDescription) => ({ ...others, identity: identity.sha256 });
  const text = (of: SweepDescription, key: keyof SweepDescription) => JSON.stringify(told(of)[key]);
  const differing = shared.find((key) => text(description, key) !== text(first.description, key));
  if (!differing) return;
  throw new UserError(
    `--merge ${path}: it is a part of another sweep than ${first.path}: they differ in ${differing} of their sweep.json. ` +
      "Name parts of one sweep.",
  );
}

/** A network that is done, and where. */
interface FoundNetwork {
  readonly part: ReadSweep;
  readonly end: NetworkEndRecord;
  /** Its epochs, and its end. */
  readonly records: readonly SweepRecord[];
}

/** The networks that are done in some part, by number; says which are done in several, of which the first counts. */
function findNetworks(
  parts: readonly ReadSweep[],
  notice: (line: string) => void,
): Map<number, FoundNetwork> {
  const found = new Map<number, FoundNetwork>();
  for (const part of parts) {
    const own = new Map<number, SweepRecord[]>();
    const ends: NetworkEndRecord[] = [];
    for (const record of part.records) {
      if (record.event === "sweep") continue;
      const records = own.get(record.network) ?? [];
      own.set(record.network, records);
      records.push(record);
      if (record.event === "end") ends.push(record);
    }
    const doubled = new Map<string, number[]>();
    for (const end of ends) {
      const { network } = end;
      const other = found.get(network)?.part.path;
      if (other !== undefined) doubled.set(other, [...(doubled.get(other) ?? []), network]);
      else found.set(network, { part, end, records: own.get(network)! });
    }
    for (const [path, numbers] of doubled)
      notice(`${part.path}: ${networksText(numbers)} in ${path} as well, which counts.`);
  }
  return found;
}

/** What there is to merge. */
interface Merged {
  readonly parts: readonly ReadSweep[];
  readonly found: ReadonlyMap<number, FoundNetwork>;
  /** Those that were given, for commands to paste. */
  readonly flags: PastedFlags;
}

/** What is missing, in a sentence, and in which parts of the sweep it would be; undefined if nothing is. */
async function missingText(
  { networks }: SweepDescription,
  { parts, found, flags: { data, adapter } }: Merged,
): Promise<string | undefined> {
  const missing = networks.map((_, place) => place + 1).filter((number) => !found.has(number));
  if (missing.length === 0) return undefined;
  const isMissing = new Set(missing);
  const unfinished: ReadSweep[] = [];
  for (const part of parts) {
    const isItsOwn = part.numbers.some((number) => isMissing.has(number));
    if (isItsOwn && !(await isClosed(part))) unfinished.push(part);
  }
  const of = parts.find(({ description }) => description.shard)?.description.shard?.of;
  const begun = new Set(unfinished.flatMap(({ numbers }) => numbers));
  const elsewhere = missing.filter((number) => !begun.has(number));
  const shards = of === undefined ? [] : [...new Set(elsewhere.map((number) => ((number - 1) % of) + 1))];
  const onWith = (path: string) => commandText(["sweep", "--resume", path], { data, adapter });
  const reasons = [
    ...unfinished.map(({ path }) => `${path} is unfinished: go on with it: \`${onWith(path)}\``),
    ...(shards.length > 0 ? [`not given: --shard ${shards.map((part) => `${part}/${of}`).join(", ")}`] : []),
    ...(elsewhere.length > 0 && of === undefined ? ["not given: the parts that have them"] : []),
  ];
  return `${networksText(missing)} missing${reasons.length > 0 ? ` (${reasons.join("; ")})` : ""}.`;
}

/**
 * The run folders that are to be kept, by number: that of the best network, or all.
 * @throws UserError if something of one is missing or damaged: nothing of the new folder is made by then
 */
async function findKept(
  description: SweepDescription,
  found: ReadonlyMap<number, FoundNetwork>,
): Promise<Map<number, string>> {
  const best = bestOf([...found.values()].map(({ end }) => end));
  const kept = new Map<number, string>();
  for (const [number, { part }] of found) {
    if (description.keep !== "all" && number !== best?.network) continue;
    const path = join(part.path, networkPlace(description, number));
    await readKept(path, () => {});
    kept.set(number, path);
  }
  return kept;
}

async function copyNetwork(from: string, number: number, folder: SweepFolder): Promise<void> {
  const { run, end } = await readKept(from, () => {});
  const to = await folder.makeNetwork(number);
  const { folder: _, ...ended } = end;
  const copy = await RunFolder.reopen(to, run.description, [...run.epochs, { ...ended, folder: to }]);
  await copy.writeModel(await readBytes(join(from, modelName), mostReadable));
}

import { UserError } from "../../errors.ts";
import { parseCsv, type Table } from "./csv.ts";
import { type Candidate, type Contents, type DataFile, hasExtension, unpacked } from "./data-file.ts";
import { type Half, placeOf } from "./roles.ts";

/** Data sets in tables, of which names tell training from test; a table of another name is all there is to a set. */
export function csvFiles(files: readonly DataFile[]): Candidate[] {
  const tables = files.filter(({ path }) => hasExtension(path, "csv") || hasExtension(path, "tsv"));
  const sets = new Map<string, { halves: Map<Half, DataFile>; folder: string; name: string }>();
  for (const file of tables) {
    const place = placeOf(file.path);
    if (!place) continue;
    const { set, folder, name, half } = place;
    const known = sets.get(set) ?? { halves: new Map(), folder, name };
    sets.set(set, known);
    if (!known.halves.has(half)) known.halves.set(half, file);
  }
  const found = [...sets.values()].map(({ halves, folder, name }) => {
    const train = halves.get("train");
    const test = halves.get("test") ?? halves.get("validation");
    return {
      format: "CSV files",
      place: folder,
      ...(name && { name }),
      files: [...halves.values()],
      ...(!train && { missing: `There are no training images beside ${test?.path}.` }),
      read: () => readTables(train as DataFile, test),
    };
  });
  if (found.some(({ missing }) => missing === undefined)) return found;
  const others = tables.filter(({ path }) => !placeOf(path));
  return [
    ...found,
    ...others.map((file) => ({
      format: "a CSV file",
      place: file.path,
      files: [file],
      guessed: true,
      read: () => readTables(file, undefined),
    })),
  ];
}

async function readTables(trainFile: DataFile, testFile: DataFile | undefined): Promise<Contents> {
  const { labels, ...images } = parseCsv(await unpacked(trainFile), trainFile.name);
  if (images.count === 0) throw new UserError(`${trainFile.name} holds no images, only a header.`);
  if (!labels) {
    throw new UserError(
      `${trainFile.name} has no labels: all its columns are pixels. Expected a label, then the pixels.`,
    );
  }
  const contents = { train: { ...images, labels }, trainName: trainFile.name };
  if (!testFile) return contents;
  const test = await readTest(testFile);
  if (typeof test === "string") return { ...contents, testFault: test };
  return { ...contents, test, testName: testFile.name };
}

/** The test images; or what is wrong, where there is nothing to test with. */
async function readTest(file: DataFile): Promise<(Table & { labels: Uint8Array }) | string> {
  const { labels, ...images } = parseCsv(await unpacked(file), file.name);
  if (images.count === 0) return `${file.name} holds no images.`;
  return labels ? { ...images, labels } : `${file.name} has no labels.`;
}

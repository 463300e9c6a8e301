import { UserError } from "../../errors.ts";
import type { Split } from "../dataset.ts";
import { parseCsv, type TableBeside } from "./csv.ts";
import { type Candidate, type Contents, type DataFile, hasExtension, unpacked } from "./data-file.ts";
import { type FileSet, fileSets, tellLeftOut, tellValidation, validationInstead } from "./file-sets.ts";
import { type Half, placeOf } from "./roles.ts";

/** Data sets in tables, of which names tell training from test; a table of another name is all there is to a set. */
export function csvFiles(files: readonly DataFile[], chosen?: string): Candidate[] {
  const tables = files.filter(({ path }) => hasExtension(path, "csv") || hasExtension(path, "tsv"));
  const sets = fileSets(tables, (_, { half }) => half, chosen);
  const others = tables.filter(({ path }) => !placeOf(path));
  return [
    ...sets.map(ofHalves),
    ...others.map(
      (file): Candidate => ({
        format: "a CSV file",
        place: file.path,
        files: [file],
        guessed: true,
        read: (notice) => readTables(file, [], notice),
      }),
    ),
  ];
}

function ofHalves(set: FileSet<Half>): Candidate {
  const { parts, folder, name } = set;
  const train = parts.get("train");
  const tests = (["test", "validation"] as const).flatMap((half) => parts.get(half) ?? []);
  return {
    format: "CSV files",
    place: folder,
    ...(name && { name }),
    files: [...parts.values()],
    ...(!train && { missing: `There are no training images beside ${tests[0]?.path}.` }),
    read: (notice) => {
      tellLeftOut(set, notice);
      return readTables(train as DataFile, tests, notice);
    },
  };
}

/** @param testFiles those with test images, and behind them those that may take their place */
async function readTables(
  trainFile: DataFile,
  testFiles: readonly DataFile[],
  notice: (line: string) => void,
): Promise<Contents> {
  const { labels, odd, isReversed, ...images } = parseCsv(await unpacked(trainFile), trainFile.name);
  if (images.count === 0) throw new UserError(`${trainFile.name} holds no images, only a header.`);
  if (!labels) {
    throw new UserError(
      `${trainFile.name} has no labels: ${columnsText(odd)}. Expected a label, then the pixels.`,
    );
  }
  if (isReversed)
    notice(`${trainFile.name}: labels are taken from the last column, since the first can hold none.`);
  const contents = { train: { ...images, labels }, trainName: trainFile.name };
  let testFault = "";
  for (const [index, file] of testFiles.entries()) {
    const test = await readTest(file, { odd, isReversed: isReversed ?? false });
    if (typeof test === "string") {
      testFault ||= test;
      continue;
    }
    if (testFault) notice(`${testFault} ${validationInstead}`);
    tellValidation(testFiles.slice(index + 1), file, notice);
    return { ...contents, test, testName: file.name };
  }
  return { ...contents, ...(testFault && { testFault }) };
}

/** The test images; or what is wrong, where there is nothing to test with. */
async function readTest(file: DataFile, beside: TableBeside): Promise<Split | string> {
  const { labels, odd, isReversed, ...images } = parseCsv(await unpacked(file), file.name, beside);
  if (images.count === 0) return `${file.name} holds no images.`;
  return labels ? { ...images, labels } : `${file.name} has no labels: ${columnsText(odd)}.`;
}

/** What the columns of a table without labels are. */
function columnsText(odd: string | undefined): string {
  if (odd === undefined) return "all its columns are pixels";
  return `its column that holds no pixels is called ${JSON.stringify(odd)}`;
}

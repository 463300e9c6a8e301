import { mkdir, readFile, rmdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { inject, test } from "vitest";

/* docs/reliability.md: what was tried, how often, and how often it ended wrong. `npm run test:faults` writes it anew. */

/** Whether everything is tried as often as the document says; the ordinary suite tries a tenth, or less of what takes long. */
export const isWhole = import.meta.env.MODE !== "test";

/** A test of the whole alone: it takes long, or what it tries is tried elsewhere too. */
export const testOfAll: (name: string, body: () => Promise<void>) => void = isWhole ? test : () => {};

const file = join(import.meta.dirname, "../../docs/reliability.md");
const lock = join(inject("products"), "reliability.lock");

/** Puts a row into a section of the document, in the place of the one that it has of the same name. */
export async function report(
  section: string,
  name: string,
  figures: Readonly<Record<string, number>>,
): Promise<void> {
  if (!isWhole) return;
  // Test files are processes that write at the same time.
  while (
    !(await mkdir(lock).then(
      () => true,
      () => false,
    ))
  )
    await sleep(50);
  try {
    await putRow(section, name, figures);
  } finally {
    await rmdir(lock);
  }
}

async function putRow(
  section: string,
  name: string,
  figures: Readonly<Record<string, number>>,
): Promise<void> {
  const text = await readFile(file, "utf8");
  const [begin, end] = [`<!-- ${section}:begin -->\n`, `<!-- ${section}:end -->`];
  const [before, rest] = text.split(begin);
  const [table, after] = (rest ?? "").split(end);
  if (after === undefined) throw new Error(`${file} has no section ${section}`);
  const columns = ["", ...Object.keys(figures)];
  const head = [`| ${columns.join(" | ")} |`, `|${columns.map(() => "---").join("|")}|`];
  const row = `| ${[name, ...Object.values(figures).map((value) => value.toLocaleString("en"))].join(" | ")} |`;
  const rows = table
    .split("\n")
    .slice(2)
    .filter((line) => line !== "" && !line.startsWith(`| ${name} |`));
  await writeFile(file, `${before}${begin}${[...head, ...rows, row].join("\n")}\n${end}${after}`);
}

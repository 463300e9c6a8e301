import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

/* docs/reliability.md: what was tried, how often, and how often it ended wrong. `npm run test:faults` writes it anew. */

/** Whether everything is tried as often as the document says; the ordinary suite tries a tenth. */
export const isWhole = import.meta.env.MODE === "faults";

const file = join(import.meta.dirname, "../../docs/reliability.md");

/** Puts a row into a section of the document, in the place of the one that it has of the same name. */
export async function report(
  section: string,
  name: string,
  figures: Readonly<Record<string, number>>,
): Promise<void> {
  if (!isWhole) return;
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

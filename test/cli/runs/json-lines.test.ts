import { mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { JsonLines } from "../../../src/cli/runs/json-lines.ts";

test("lines that could not be written are there once something counts on them", async () => {
  const folder = await mkdtemp(join(tmpdir(), "json-lines-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const [file, aside] = [join(folder, "metrics.jsonl"), join(folder, "aside")];
  await writeFile(file, "");
  const lines = new JsonLines();
  lines.append(file, { epoch: 1 });
  await rename(file, aside);
  expect(() => lines.append(file, { epoch: 2 })).toThrow("cannot be written");
  await expect(lines.sync(file)).rejects.toThrow("cannot be written");
  await rename(aside, file);
  await lines.sync(file);
  expect(await readFile(file, "utf8")).toBe('{"epoch":1}\n{"epoch":2}\n');
  await lines.sync(file);
  lines.append(file, { epoch: 3 });
  expect(await readFile(file, "utf8")).toBe('{"epoch":1}\n{"epoch":2}\n{"epoch":3}\n');
});

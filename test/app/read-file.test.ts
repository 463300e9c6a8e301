import { expect, test } from "vitest";
import { readFile } from "../../src/app/data/read-file.ts";
import { latePart } from "../../src/app/data/request.ts";
import { FileFault } from "../../src/data/file-fault.ts";

test("a file that changed since it was chosen is refused, and says so", async () => {
  const file = new File(["abc"], "a.csv");
  expect(await readFile(file)).toEqual(new TextEncoder().encode("abc"));
  file.arrayBuffer = () => Promise.reject(new DOMException("The file could not be read", "NotReadableError"));
  await expect(readFile(file, "of/a.csv")).rejects.toThrow(FileFault);
  await expect(readFile(file)).rejects.toThrow(
    "a.csv cannot be read (The file could not be read). Open it again.",
  );
});

test("a part of the page that a server no longer has is refused as what it is", async () => {
  const gone = () => latePart("The code", () => Promise.reject(new TypeError("Failed to fetch")));
  await expect(gone()).rejects.toThrow(FileFault);
  await expect(gone()).rejects.toThrow(
    "The code cannot be fetched (Failed to fetch). Check the connection and try again.",
  );
});

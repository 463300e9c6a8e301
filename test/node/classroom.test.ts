import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { request } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TLSSocket } from "node:tls";
import { stripVTControlCharacters } from "node:util";
import { type PreviewServer, preview } from "vite";
import { afterAll, beforeAll, expect, test } from "vitest";
import { invitation } from "../../src/node/classroom.ts";

interface Answer {
  readonly body: Buffer;
  readonly type: string | undefined;
  readonly fingerprint: string;
}

let folder: string;
let server: PreviewServer;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "classroom-"));
  await writeFile(join(folder, "index.html"), "<title>the built page</title>");
  server = await serve();
});

afterAll(async () => {
  await server?.close();
  await rm(folder, { recursive: true, force: true });
});

test("the built page comes over https, with MNIST beside it", async () => {
  expect((await get("/")).body.toString()).toContain("the built page");
  const labels = await get("/data/mnist/t10k-labels-idx1-ubyte.gz");
  expect(labels.type).toBe("application/gzip");
  expect([...labels.body.subarray(0, 2)]).toEqual([0x1f, 0x8b]);
});

test("a certificate is the same the next time, so that a device asks once", async () => {
  const again = await serve();
  const first = await get("/");
  const second = await get("/", again);
  await again.close();
  expect(first.fingerprint).toMatch(/^[0-9A-F:]{95}$/);
  expect(second.fingerprint).toBe(first.fingerprint);
});

test("each address is shown with a code of its own; without a network it says so", () => {
  const urls = ["https://192.0.2.7:8443/", "https://198.51.100.23:8443/"];
  const text = stripVTControlCharacters(invitation(urls));
  for (const url of urls) expect(text).toContain(`\n  ${url}\n`);
  // The three corners that every code has, twice.
  expect(text.match(/█ ▄▄▄▄▄ █/g)).toHaveLength(2 * 3);
  expect(text).toContain("Proceed");
  expect(invitation([])).toMatch(/no network/);
});

/** What `npm run classroom` serves, but to this computer alone. */
function serve(): Promise<PreviewServer> {
  return preview({
    mode: "classroom",
    build: { outDir: folder },
    preview: { host: "127.0.0.1", port: 0 },
    logLevel: "silent",
  });
}

/** What the server answers, and the SHA-256 fingerprint of the certificate that it answers with. */
function get(path: string, from = server): Promise<Answer> {
  const { port } = from.httpServer.address() as AddressInfo;
  return new Promise((resolve, reject) => {
    const options = { host: "127.0.0.1", port, path, rejectUnauthorized: false };
    const asked = request(options, async (response) => {
      const fingerprint = (response.socket as TLSSocket).getPeerCertificate().fingerprint256;
      const type = response.headers["content-type"];
      resolve({ body: Buffer.concat(await response.toArray()), type, fingerprint });
    });
    asked.on("error", reject).end();
  });
}

import { readFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join } from "node:path";
import { builtOnce } from "./products.ts";

const base = "/some/where/";
const types: Readonly<Record<string, string>> = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".css": "text/css",
  ".gz": "application/gzip",
};

/** The app as it is built, and a server that has it below a path, as project's pages of a public host have. */
export class ServedApp {
  /** The folder that the app was built into, by `start()`. */
  folder = "";
  /** What the server has under `data/mnist/`, by file name. */
  readonly data = new Map<string, Uint8Array>();
  /** Paths below the page that were asked for. */
  readonly requests: string[] = [];
  readonly #server: Server = createServer((request, response) => void this.#answer(request, response));

  /** Begins to serve the app, which is built if it was not yet. */
  async start(): Promise<void> {
    this.folder = await builtOnce("bare");
    await new Promise<void>((listening) => this.#server.listen(0, "127.0.0.1", listening));
  }

  /** Address of the page. */
  get address(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}${base}`;
  }

  stop(): void {
    this.#server.close();
  }

  async #answer({ url = "/" }: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname } = new URL(url, "http://localhost");
    const path = pathname.slice(base.length) || "index.html";
    if (path !== "index.html") this.requests.push(path);
    try {
      const inData = path.startsWith("data/mnist/");
      const bytes = inData
        ? this.data.get(path.slice("data/mnist/".length))
        : await readFile(join(this.folder, path));
      if (!bytes) throw new Error("no such data");
      response.setHeader("Content-Type", types[extname(path)] ?? "application/octet-stream");
      response.end(bytes);
    } catch {
      response.writeHead(404).end();
    }
  }
}

import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { type FileName, packed, standInFiles } from "./stand-in.ts";

/** How a mirror answers the request for one file. */
export type Answer = (response: ServerResponse, name: FileName, request: IncomingMessage) => void;

/** A mirror of the stand-in on this machine. */
export interface Mirror {
  readonly url: string;
  /** `host:port`, as messages name it. */
  readonly host: string;
  /** The paths asked for so far. */
  readonly requests: readonly string[];
  close(): Promise<void>;
}

/** Starts a mirror that gives every request the same kind of answer. */
export async function startMirror(answer: Answer = ways.right): Promise<Mirror> {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    const path = request.url ?? "";
    requests.push(path);
    answer(response, path.slice(path.lastIndexOf("/") + 1).replace(/\.gz$/, "") as FileName, request);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: `http://${host}/mnist/`,
    host,
    requests,
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

function send(response: ServerResponse, body: Uint8Array, headers: Record<string, string> = {}): void {
  response.writeHead(200, { "content-length": String(body.length), ...headers });
  response.end(body);
}

/** Begins an answer that is never finished. */
function begin(response: ServerResponse, length: number, bytes: Uint8Array): void {
  response.writeHead(200, { "content-length": String(length) });
  response.write(bytes);
}

const half = (body: Uint8Array) => body.subarray(0, body.length / 2);

const ways = {
  right: (response, name) => send(response, packed(name)),
  /** No length is announced. */
  chunked: (response, name) => response.writeHead(200).end(packed(name)),
  unpacked: (response, name) => send(response, standInFiles[name]),
  /** The file's own packing is declared to be that of the connection, so that `fetch` removes it. */
  contentEncoding: (response, name) => send(response, packed(name), { "content-encoding": "gzip" }),
  redirect: (response, name, { url }) =>
    url?.startsWith("/moved/")
      ? send(response, packed(name))
      : response.writeHead(302, { location: `/moved/${name}.gz` }).end(),

  notFound: (response) => response.writeHead(404).end("<h1>Not found</h1>"),
  serverError: (response) => response.writeHead(500).end(),
  noContent: (response) => response.writeHead(204).end(),
  redirectLoop: (response, _, { url }) => response.writeHead(302, { location: url }).end(),
  webPage: (response) => send(response, Buffer.from("<!DOCTYPE html><title>Please log in</title>")),
  empty: (response) => send(response, new Uint8Array(0)),
  /** The connection ends in the middle of the body. */
  truncated: (response, name) => {
    begin(response, packed(name).length, half(packed(name)));
    setTimeout(() => response.socket?.end(), 20);
  },
  lengthTooSmall: (response, name) =>
    send(response, packed(name), { "content-length": String(packed(name).length - 9) }),
  lengthTooLarge: (response, name) => {
    begin(response, packed(name).length + 100, packed(name));
    setTimeout(() => response.socket?.end(), 20);
  },
  silent: () => {},
  stalled: (response, name) => begin(response, packed(name).length, half(packed(name))),
  /** A byte now and then: never stalled, never complete. */
  trickling: (response, name) => {
    begin(response, 10_000, packed(name).subarray(0, 1));
    const timer = setInterval(() => response.write("x"), 20);
    response.on("close", () => clearInterval(timer));
  },
  endless: (response) => {
    // One after the other, but not at once: Node 24 calls back so soon that nobody else would have a turn.
    const more = () => {
      if (!response.destroyed) response.write(Buffer.alloc(16_384, 7), () => setImmediate(more));
    };
    response.writeHead(200);
    more();
  },
  corruptGzip: (response, name) => send(response, packed(name).fill(0x5a, 12, 20)),
  garbageAfterGzip: (response, name) => send(response, Buffer.concat([packed(name), Buffer.alloc(8, 7)])),
  wrongBytes: (response, name) =>
    send(
      response,
      Uint8Array.from(standInFiles[name], (byte) => byte ^ 1),
    ),
  otherFile: (response) => send(response, packed("t10k-labels-idx1-ubyte")),
  reset: (response) => response.socket?.resetAndDestroy(),
  noHttp: (response) => response.socket?.end("220 welcome\r\n"),
} satisfies Record<string, Answer>;

/** Every way in which a mirror answers in these tests: first the good ones, then those that fail. */
export const answers: Readonly<Record<keyof typeof ways, Answer>> = ways;

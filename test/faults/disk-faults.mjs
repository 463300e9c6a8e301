/*
 * Preloaded into the command line (`NODE_OPTIONS=--import=...`): counts what it does to files in the folder `run`, and at one of
 * these operations has something happen. DISK_FAULT is one of
 *
 *   count                     nothing: their number is written to stderr at the end
 *   kill N before|half|after  the process is killed before the N-th, in the middle if it writes, or after it
 *   CODE N M                  the N-th and M-1 more, those that need room, fail of CODE, having written a half of what they should
 */

import fs from "node:fs";
import promises from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";
import { join, resolve, sep } from "node:path";

const [kind, first, how] = process.env.DISK_FAULT.split(" ");
const folder = join(process.cwd(), "run") + sep;
const native = { ...fs };
/** Paths of what is open. */
const paths = new Map();
let operations = 0;

function die() {
  process.kill(process.pid, "SIGKILL");
}

/** Does `work` on a path, or what is planned; `half` does a half of it. */
function planned(path, work, { half = () => {}, needsRoom = true } = {}) {
  if (path === undefined || !(resolve(path) + sep).startsWith(folder)) return work();
  const number = ++operations;
  const isHit = kind === "kill" && number === Number(first);
  if (isHit && how === "half") half();
  if (isHit && how !== "after") die();
  if (kind.startsWith("E") && needsRoom && number >= Number(first) && number < Number(first) + Number(how)) {
    half();
    throw Object.assign(new Error(`${kind}: planned, '${path}'`), { code: kind });
  }
  const result = work();
  if (isHit) return result instanceof Promise ? result.then(die) : die();
  return result;
}

const halfOf = (data) => Buffer.from(data).subarray(0, Buffer.byteLength(data) / 2);

fs.openSync = (path, ...args) => {
  const file = native.openSync(path, ...args);
  paths.set(file, path);
  return file;
};
fs.writeSync = (file, data, offset, length, position) => {
  const half = () => native.writeSync(file, data, offset, length >> 1, position);
  return planned(paths.get(file), () => native.writeSync(file, data, offset, length, position), { half });
};
for (const name of ["appendFileSync", "writeFileSync"]) {
  fs[name] = (path, data, ...args) =>
    planned(path, () => native[name](path, data, ...args), {
      half: () => native[name](path, halfOf(data), ...args),
    });
}

for (const [name, needsRoom] of [
  ["rename", false],
  ["rm", false],
  ["mkdir", true],
  ["link", true],
  ["writeFile", true],
]) {
  const work = promises[name];
  promises[name] = async (path, ...args) => planned(path, () => work(path, ...args), { needsRoom });
}

const { open } = promises;
promises.open = async (path, flags, ...args) => {
  const handle = await planned(path, () => open(path, flags, ...args), { needsRoom: flags === "w" });
  const { writeFile, sync } = handle;
  handle.writeFile = async (data, ...args) => {
    const half = () => native.writeSync(handle.fd, halfOf(data));
    return planned(path, () => writeFile.call(handle, data, ...args), { half });
  };
  handle.sync = async () => planned(path, () => sync.call(handle));
  return handle;
};

syncBuiltinESMExports();
if (kind === "count") process.on("exit", () => process.stderr.write(`operations: ${operations}\n`));

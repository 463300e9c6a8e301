/*
 * Preloaded into the command line (`NODE_OPTIONS=--import=...`): once it has printed HALT_AFTER, the process halts until a byte
 * arrives on stdin. What is done to it or to its files meanwhile happens between two of its steps, however busy the machine is.
 */

import { readSync } from "node:fs";

const { stdout } = process;
const write = stdout.write;

stdout.write = (chunk, ...args) => {
  const result = write.call(stdout, chunk, ...args);
  if (String(chunk).includes(process.env.HALT_AFTER)) {
    stdout.write = write;
    while (!arrived()) sleep(5);
  }
  return result;
};

function arrived() {
  try {
    readSync(0, Buffer.alloc(1));
    return true;
  } catch (error) {
    // Node's pipes do not wait.
    if (error.code === "EAGAIN") return false;
    throw error;
  }
}

function sleep(milliseconds) {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}

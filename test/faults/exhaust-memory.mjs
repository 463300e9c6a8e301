/*
 * Preloaded into the command line (`NODE_OPTIONS=--import=...`): after so many submissions as EXHAUST_AFTER says, the process may
 * take no more memory than it has and a little, and buffers are made on the device until there is no room for another.
 */

import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { globals } from "webgpu";

const { GPUAdapter, GPUQueue, GPUBufferUsage } = globals;
const spare = 300 << 20;
const devices = new Map();
let left = Number(process.env.EXHAUST_AFTER);

const request = GPUAdapter.prototype.requestDevice;
GPUAdapter.prototype.requestDevice = async function (...args) {
  const device = await request.apply(this, args);
  devices.set(device.queue, device);
  return device;
};

const submit = GPUQueue.prototype.submit;
GPUQueue.prototype.submit = function (...args) {
  if (--left === 0) exhaust(devices.get(this));
  return submit.apply(this, args);
};

function exhaust(device) {
  const [, kilobytes] = /^VmSize:\s+(\d+) kB$/m.exec(readFileSync("/proc/self/status", "utf8"));
  const most = Number(kilobytes) * 1024 + spare;
  limitMemory(`${most}:`);
  const size = 64 << 20;
  for (let count = 0; count < 1 + spare / size; count++)
    device.createBuffer({ size, usage: GPUBufferUsage.STORAGE });
  limitMemory("unlimited:");
}

function limitMemory(soft) {
  execFileSync("prlimit", [`--pid=${process.pid}`, `--as=${soft}`]);
}

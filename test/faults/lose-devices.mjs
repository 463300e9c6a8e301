/*
 * Preloaded into the command line (`NODE_OPTIONS=--import=...`): loses devices of Dawn. LOSE_DEVICES has an entry for each device
 * that is opened, in their order: after how many submissions it is lost, or `compiling` for one that is lost at its first kernel.
 */

import { globals } from "webgpu";

const planned = process.env.LOSE_DEVICES.split(",");
const { GPUAdapter, GPUDevice, GPUQueue } = globals;

const plans = new Map();
const devices = new Map();

const request = GPUAdapter.prototype.requestDevice;
GPUAdapter.prototype.requestDevice = async function (...args) {
  const device = await request.apply(this, args);
  plans.set(device, planned.shift());
  devices.set(device.queue, device);
  return device;
};

const compile = GPUDevice.prototype.createComputePipelineAsync;
GPUDevice.prototype.createComputePipelineAsync = function (...args) {
  if (plans.get(this) === "compiling") this.destroy();
  return compile.apply(this, args);
};

const submit = GPUQueue.prototype.submit;
GPUQueue.prototype.submit = function (...args) {
  const device = devices.get(this);
  const left = plans.get(device) - 1;
  if (left >= 0) plans.set(device, left);
  if (left === 0) device.destroy();
  return submit.apply(this, args);
};

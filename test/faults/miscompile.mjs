/*
 * Preloaded into the command line (`NODE_OPTIONS=--import=...`): a driver that compiles a kernel wrongly. In the text of every
 * shader, MISCOMPILE, `right => wrong`, has its left side replaced by its right one.
 */

import { globals } from "webgpu";

const [right, wrong] = process.env.MISCOMPILE.split(" => ");
const { GPUDevice } = globals;

const create = GPUDevice.prototype.createShaderModule;
GPUDevice.prototype.createShaderModule = function (descriptor) {
  return create.call(this, { ...descriptor, code: descriptor.code.replaceAll(right, wrong) });
};

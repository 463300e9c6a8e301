/** What `loseDevices` keeps in a page's window. */
export interface DeviceLab {
  /** The device that the page asked for last. */
  device: GPUDevice;
  /** How many of the next devices are lost while their kernels compile. */
  toLose: number;
}

/**
 * Run in a page before its own scripts: keeps the device at hand where a test can reach it, and loses as many of the next ones as it is
 * told to as soon as a kernel of theirs is compiled.
 */
export const loseDevices = () => {
  const lab = window as unknown as DeviceLab;
  lab.toLose = 0;
  const request = GPUAdapter.prototype.requestDevice;
  GPUAdapter.prototype.requestDevice = async function (descriptor) {
    const device = await request.call(this, descriptor);
    lab.device = device;
    if (lab.toLose > 0) {
      lab.toLose--;
      const create = device.createComputePipelineAsync.bind(device);
      device.createComputePipelineAsync = (descriptor) => {
        device.destroy();
        return create(descriptor);
      };
    }
    return device;
  };
};

/*
 * Run by Deno, whose WebGPU is wgpu's, as Firefox's is: another implementation and another compiler than Node's and Chromium's.
 * Its arguments are the built library's URL and what to do: `verify` runs every kernel that the adapter can run, `train` some
 * steps in a form. Prints one line of JSON.
 */

const [library, task, kernels] = Deno.args;
const {
  openGpu,
  verifyKernels,
  createWebGpuEngine,
  createCpuEngine,
  builtInDigits,
  initialise,
  defaultConfig,
} = await import(library);

const adapter = await navigator.gpu.requestAdapter();
if (!adapter) throw new Error("Deno finds no WebGPU adapter");
const gpu = await openGpu(adapter);
const answer = await (task === "verify" ? verify() : train());
console.log(JSON.stringify({ adapter: gpu.name, ...answer }));
// Devices would keep it alive.
Deno.exit();

async function verify() {
  const results = [];
  await verifyKernels(gpu, (result) => results.push(result));
  const failed = results.filter(({ passed }) => !passed);
  return { kernels: [...new Set(results.map(({ kernel }) => kernel))], checks: results.length, failed };
}

/** Losses of ten steps of a network, on the GPU and by the reference. */
async function train() {
  const { train } = builtInDigits({ train: 320, test: 10 });
  const sizes = [784, 20, 10];
  const options = { sizes, batchSize: 32, train, settings: defaultConfig };
  const losses = async (engine) => {
    engine.setParameters(initialise(sizes, "he-normal", 1));
    engine.setOrder(Uint32Array.from({ length: train.count }, (_, index) => index));
    const steps = Array.from({ length: 10 }, (_, index) => {
      return { first: 32 * index, size: 32, number: index + 1, learningRate: 0.5 };
    });
    return [...(await engine.train(steps).metrics()).loss];
  };
  return {
    actual: await losses(await createWebGpuEngine({ ...options, gpu, kernels })),
    expected: await losses(createCpuEngine(options)),
  };
}

/*
 * Run by Deno, whose WebGPU is wgpu's, as Firefox's is: another implementation and another compiler than Node's and Chromium's.
 * Its arguments are the built library's URL and what to do: `verify` runs every kernel that the adapter can run, `train` some
 * steps in a form, `together` several networks at once and each alone. Prints one line of JSON.
 */

const [library, task, kernels] = Deno.args;
const {
  openGpu,
  verifyKernels,
  createWebGpuEngine,
  createCpuEngine,
  createSweep,
  createTrainer,
  builtInDigits,
  initialise,
  defaultConfig,
} = await import(library);

const adapter = await navigator.gpu.requestAdapter();
if (!adapter) throw new Error("Deno finds no WebGPU adapter");
const gpu = await openGpu(adapter);
const answer = await { verify, train, together }[task]();
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

/** The bits of the weights of three networks that are trained together, and of each alone. */
async function together() {
  const dataset = builtInDigits({ train: 130, test: 10 });
  const configs = [0, 0.1, 0.01].map((weightDecay, index) => {
    const own = { weightDecay, hiddenDropout: weightDecay, seed: index + 1, learningRate: 0.1 + index };
    const common = { hidden: [20], batchSize: 32, epochs: 2, validation: 30, evaluateEvery: 1, kernels };
    return { ...defaultConfig, ...common, ...own };
  });
  const bits = (parameters) => parameters.map(({ weight }) => [...new Uint32Array(weight.buffer)].join());
  const actual = [];
  const onEvent = (network, event) => {
    if (event.type === "end") actual[network] = bits(event.parameters);
  };
  await createSweep({ configs, dataset, gpu }).run({ onEvent });
  const expected = [];
  for (const config of configs) {
    const trainer = await createTrainer({ config, dataset, gpu });
    await trainer.run();
    expected.push(bits(await trainer.engine.readParameters()));
  }
  return { actual, expected };
}

import { type Binding, bindingsOf, kernelGroup, overridesOf } from "./shader.ts";

/** What makes one compute pipeline: equal recipes share it. */
export interface KernelRecipe {
  /** The entry point, which is also the shader file's name. */
  readonly name: string;
  /** WGSL text, includes resolved. */
  readonly wgsl: string;
  /** A value for every override that the text declares, no more, no less. */
  readonly constants: Readonly<Record<string, number>>;
}

/** Work that is ready to be encoded: a pipeline, its buffers and its grid. */
export interface Dispatch {
  readonly label: string;
  readonly pipeline: GPUComputePipeline;
  readonly bindGroup: GPUBindGroup;
  /** Workgroups: a flat number of them in x and y, folded where it exceeds what one dimension may have, as often as z says. */
  readonly grid: readonly [number, number, number];
}

/** A compiled kernel. */
export class Kernel {
  constructor(
    readonly device: GPUDevice,
    readonly recipe: KernelRecipe,
    readonly pipeline: GPUComputePipeline,
    readonly bindings: readonly Binding[],
    readonly layout: GPUBindGroupLayout,
  ) {}

  /**
   * Binds buffers by the names that the shader gives them and sets the grid, of `depth` workgroups in z.
   * Throws if a name is missing or unknown, or if the device cannot run so many workgroups.
   */
  dispatch(buffers: Readonly<Record<string, GPUBuffer>>, workgroups: number, depth = 1): Dispatch {
    const own = this.bindings.filter(({ group }) => group === kernelGroup);
    sameNames(
      `kernel ${this.recipe.name}: buffers`,
      Object.keys(buffers),
      own.map(({ name }) => name),
    );
    const bindGroup = this.device.createBindGroup({
      label: this.recipe.name,
      layout: this.layout,
      entries: own.map(({ name, binding }) => ({ binding, resource: { buffer: buffers[name] } })),
    });
    const limit = this.device.limits.maxComputeWorkgroupsPerDimension;
    if (depth > limit)
      throw new Error(`${depth} workgroups in z exceed maxComputeWorkgroupsPerDimension (${limit})`);
    const grid = [...foldGrid(workgroups, limit), depth] as const;
    return { label: this.recipe.name, pipeline: this.pipeline, bindGroup, grid };
  }
}

/** Folds a flat number of workgroups into two dimensions of at most `limit`; `workgroup_index` in step.wgsl unfolds it. */
function foldGrid(workgroups: number, limit: number): [number, number] {
  const rows = Math.ceil(workgroups / limit);
  if (rows > limit)
    throw new Error(`${workgroups} workgroups exceed maxComputeWorkgroupsPerDimension (${limit}) squared`);
  return [Math.ceil(workgroups / Math.max(rows, 1)), rows];
}

/** What each device has compiled, by recipe, what was asked for last at the end. */
const compilations = new WeakMap<GPUDevice, Map<string, Promise<Kernel>>>();

/** Compilations that a device keeps for networks to come: those of about ten. */
const keptCompilations = 200;

/**
 * The kernels of one network or bench. What another one has compiled on the same device is not compiled again: that
 * takes most of the time in which a software adapter makes a network.
 */
export class KernelCache {
  readonly #compilations: Map<string, Promise<Kernel>>;
  readonly #kernels = new Map<string, Kernel>();
  readonly stepLayout: GPUBindGroupLayout;

  constructor(readonly device: GPUDevice) {
    this.#compilations = compilations.get(device) ?? new Map();
    compilations.set(device, this.#compilations);
    this.stepLayout = device.createBindGroupLayout({
      label: "step",
      entries: [
        {
          binding: 0,
          visibility: GPUShaderStage.COMPUTE,
          buffer: { type: "uniform", hasDynamicOffset: true },
        },
      ],
    });
  }

  /** Compiles a recipe; different ones in parallel. Throws with line and source if the text is wrong. */
  async compile(recipe: KernelRecipe): Promise<void> {
    const key = keyOf(recipe);
    const compilation = this.#compilations.get(key) ?? this.#compile(recipe);
    this.#keep(key, compilation);
    try {
      this.#kernels.set(key, await compilation);
    } catch (error) {
      this.#compilations.delete(key);
      throw error;
    }
  }

  /** The kernel of a recipe that `compile` has finished with. */
  compiled(recipe: KernelRecipe): Kernel {
    const kernel = this.#kernels.get(keyOf(recipe));
    if (!kernel) throw new Error(`kernel ${recipe.name} is used before it was compiled for these constants`);
    return kernel;
  }

  #keep(key: string, compilation: Promise<Kernel>): void {
    this.#compilations.delete(key);
    this.#compilations.set(key, compilation);
    const [oldest] = this.#compilations.keys();
    if (this.#compilations.size > keptCompilations && oldest) this.#compilations.delete(oldest);
  }

  async #compile(recipe: KernelRecipe): Promise<Kernel> {
    const { name, wgsl, constants } = recipe;
    sameNames(`kernel ${name}: constants`, Object.keys(constants), overridesOf(wgsl));
    const bindings = bindingsOf(wgsl);
    const layout = this.device.createBindGroupLayout({
      label: name,
      entries: bindings
        .filter(({ group }) => group === kernelGroup)
        .map(({ binding, type }) => ({ binding, visibility: GPUShaderStage.COMPUTE, buffer: { type } })),
    });
    const module = this.device.createShaderModule({ label: name, code: wgsl });
    try {
      const pipeline = await this.device.createComputePipelineAsync({
        label: name,
        layout: this.device.createPipelineLayout({ bindGroupLayouts: [layout, this.stepLayout] }),
        compute: { module, entryPoint: name, constants: { ...constants } },
      });
      return new Kernel(this.device, recipe, pipeline, bindings, layout);
    } catch (error) {
      throw new Error(`kernel ${name} does not compile: ${await explain(module, wgsl, error)}`);
    }
  }
}

function keyOf({ name, wgsl, constants }: KernelRecipe): string {
  return JSON.stringify([name, wgsl, constants]);
}

/** The compiler's messages, each with its line and column and the line's text. */
async function explain(module: GPUShaderModule, wgsl: string, error: unknown): Promise<string> {
  const { messages } = await module.getCompilationInfo();
  if (messages.length === 0) return error instanceof Error ? error.message : String(error);
  const lines = wgsl.split("\n");
  return messages
    .map(
      ({ type, lineNum, linePos, message }) =>
        `${type} at ${lineNum}:${linePos}: ${message}\n  ${lines[lineNum - 1] ?? ""}`,
    )
    .join("\n");
}

function sameNames(what: string, given: readonly string[], declared: readonly string[]): void {
  const missing = declared.filter((name) => !given.includes(name));
  const unknown = given.filter((name) => !declared.includes(name));
  if (missing.length > 0 || unknown.length > 0) {
    throw new Error(`${what}: missing [${missing.join(", ")}], unknown [${unknown.join(", ")}]`);
  }
}

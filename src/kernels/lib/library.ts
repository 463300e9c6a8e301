import type { Gpu } from "../../gpu/gpu.ts";
import { type Dispatch, KernelCache, type KernelRecipe } from "../../gpu/kernel.ts";
import { shaderText } from "../../gpu/shader.ts";

/** Every file of `shaders/` and its folders by its name alone, so that an include need not say where it lies. */
export const shaderFiles: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(
    import.meta.glob<string>("../../../shaders/**/*.wgsl", { query: "?raw", import: "default", eager: true }),
  ).map(([path, text]) => [path.slice(path.lastIndexOf("/") + 1), text]),
);

/** One use of a kernel: which text, which constants, which buffers, how much of it. */
export interface KernelCall {
  /** The shader file's name without its ending, and its entry point. */
  readonly name: string;
  /** What fills the `{...}` holes of the shader's includes. */
  readonly variants?: Readonly<Record<string, string>>;
  /** The shader's overrides, but for WORKGROUP. */
  readonly constants: Readonly<Record<string, number>>;
  /** The shader's bindings by name. */
  readonly buffers: Readonly<Record<string, GPUBuffer>>;
  /** Invocations that have work to do. */
  readonly invocations: number;
  /** Invocations of a workgroup, for a kernel that needs a certain number; otherwise the library chooses. */
  readonly workgroup?: number;
}

/** The kernels, compiled for one device: compile what will be used, then bind it, any number of times. */
export class KernelLibrary {
  readonly stepLayout: GPUBindGroupLayout;
  readonly #cache: KernelCache;
  readonly #workgroup: number;

  constructor(gpu: Gpu) {
    this.#cache = new KernelCache(gpu.device);
    this.stepLayout = this.#cache.stepLayout;
    // SwiftShader hands whole workgroups to its threads and runs four invocations at a time: small workgroups spread
    // the work. A GPU wants a full subgroup or two.
    this.#workgroup = gpu.software ? 4 : 64;
  }

  /** Compiles what `calls` need, each recipe once, in parallel. Throws with line and source if one is wrong. */
  async compile(calls: readonly KernelCall[]): Promise<void> {
    await Promise.all(calls.map((call) => this.#cache.compile(this.#recipe(call))));
  }

  /** A command that can be encoded again and again. Its kernel must have been compiled. */
  bind(call: KernelCall): Dispatch {
    const kernel = this.#cache.compiled(this.#recipe(call));
    return kernel.dispatch(call.buffers, Math.ceil(call.invocations / this.#workgroupOf(call)));
  }

  #workgroupOf({ workgroup }: KernelCall): number {
    return workgroup ?? this.#workgroup;
  }

  #recipe(call: KernelCall): KernelRecipe {
    const { name, variants, constants } = call;
    return {
      name,
      wgsl: shaderText(shaderFiles, name, variants),
      constants: { ...constants, WORKGROUP: this.#workgroupOf(call) },
    };
  }
}

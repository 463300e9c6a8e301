import type { StepSettings } from "../../model/settings.ts";
import type { Engine } from "../engine/engine.ts";
import { engineOf } from "../engine/group-engine.ts";
import type { WebGpuGroupOptions } from "./placed-group.ts";
import { createWebGpuGroup } from "./webgpu-group.ts";

/** What an engine is made for, and on. */
export interface WebGpuEngineOptions extends Omit<WebGpuGroupOptions, "settings"> {
  /** What a training step does. */
  readonly settings: StepSettings;
}

/**
 * Makes an engine that computes with WGSL kernels: a group of one network. Buffers, bind groups and pipelines are made here, once.
 * @throws UserError if the network, batch or data exceed a limit of the adapter; but for the data before anything is
 * allocated
 */
export async function createWebGpuEngine(options: WebGpuEngineOptions): Promise<Engine> {
  return engineOf(await createWebGpuGroup({ ...options, settings: [options.settings] }));
}

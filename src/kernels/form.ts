import type { Gpu } from "../gpu/gpu.ts";

/**
 * The forms in which the expensive kernels exist. Each computes the same and is checked against the same reference:
 * - `portable`: one small register tile an invocation; right everywhere, the one to read first;
 * - `unrolled`: large register tiles in unrolled text, for software adapters, where a load costs as much as ten
 *   multiply-adds and occupancy nothing;
 * - `tiled`: tiles in workgroup memory, for GPUs, where it is the other way round.
 */
export const kernelForms = ["portable", "unrolled", "tiled"] as const;

export type KernelForm = (typeof kernelForms)[number];

/** The form that suits `gpu`, unless one is asked for. */
export function chooseForm(gpu: Gpu, wanted: KernelForm | "auto" = "auto"): KernelForm {
  if (wanted !== "auto") return wanted;
  return gpu.software ? "unrolled" : "tiled";
}

import type { FormName } from "../../src/kernels/forms.ts";

/** `SwiftShader Device (Subzero)` -> `swiftshader-device-subzero`. */
export function fileNameOf(adapter: string): string {
  return adapter
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-|-$/g, "");
}

/** What a file is called. Kernels that were asked for have files of their own: they do not take the place of the adapter's own. */
export function withKernels(name: string, kernels: FormName | undefined): string {
  return kernels ? `${name}-${kernels}` : name;
}

/** What the results of one kind of measurement are called. */
export function resultsName(
  kind: "bench" | "scale" | "sweep",
  adapter: string,
  kernels: FormName | undefined,
): string {
  return withKernels(`${kind}-${fileNameOf(adapter)}`, kernels);
}

/** `, tiled kernels`; nothing where the adapter's own run. */
export function kernelsText(kernels: FormName | undefined): string {
  return kernels ? `, ${kernels} kernels` : "";
}

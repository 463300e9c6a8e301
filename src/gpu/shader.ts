/**
 * WGSL has no modules: a shader file may hold lines `#include "name.wgsl"`, which stand for that file's text, each
 * file at most once. A name may contain `{VARIANT}` holes, filled from `variants`: the one way in which a kernel gets
 * another piece of text instead of another copy of itself.
 */
export function resolveIncludes(
  files: Readonly<Record<string, string>>,
  entry: string,
  variants: Readonly<Record<string, string>> = {},
): string {
  const seen = new Set<string>();
  const resolve = (name: string, from: string): string => {
    if (seen.has(name)) return "";
    seen.add(name);
    const text = files[name];
    if (text === undefined) throw new Error(`${from}: there is no shader file "${name}"`);
    return text.replace(/^#include "([^"]+)"[^\n]*$/gm, (_, included: string) => {
      const filled = included.replace(/\{(\w+)\}/g, (_, hole: string) => {
        const value = variants[hole];
        if (value === undefined) throw new Error(`${name}: variant ${hole} is not given`);
        return value;
      });
      return resolve(filled, name);
    });
  };
  return resolve(entry, "kernel");
}

/** One resource that a shader declares. */
export interface Binding {
  readonly name: string;
  readonly group: number;
  readonly binding: number;
  readonly type: GPUBufferBindingType;
}

const declaration =
  /@group\((\d+)\)\s*@binding\((\d+)\)\s*var<\s*(uniform|storage)\s*(?:,\s*(read_write|read)\s*)?>\s*(\w+)/g;

/** The buffers that WGSL text declares, so that the host binds them by name. */
export function bindingsOf(wgsl: string): Binding[] {
  return [...withoutComments(wgsl).matchAll(declaration)].map(([, group, binding, space, access, name]) => ({
    name,
    group: Number(group),
    binding: Number(binding),
    type: space === "uniform" ? "uniform" : access === "read_write" ? "storage" : "read-only-storage",
  }));
}

/** The names of the pipeline-overridable constants that WGSL text declares. */
export function overridesOf(wgsl: string): string[] {
  return [...withoutComments(wgsl).matchAll(/\boverride\s+(\w+)/g)].map(([, name]) => name);
}

function withoutComments(wgsl: string): string {
  return wgsl.replace(/\/\/[^\n]*/g, "");
}

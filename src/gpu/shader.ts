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

/** The WGSL text of a kernel: its file with includes resolved, passages repeated, `{VARIANT}` holes filled, bindings numbered. */
export function shaderText(
  files: Readonly<Record<string, string>>,
  kernel: string,
  variants: Readonly<Record<string, string>> = {},
): string {
  const text = unroll(resolveIncludes(files, `${kernel}.wgsl`, variants), variants);
  return numberBindings(text.replace(/\{([A-Z_]+)\}/g, (hole, name: string) => variants[name] ?? hole));
}

/** Groups of bindings: a kernel's own buffers, bound once; the uniform of the step, at a dynamic offset. */
export const kernelGroup = 0;
export const stepGroup = 1;

/**
 * Gives every buffer that WGSL text declares, on a line `var<storage, read> name: type;` or `var<uniform> ...`, its group and
 * binding, numbered as they come: a file that others include need not know which numbers are taken, since the host binds
 * by name.
 */
export function numberBindings(wgsl: string): string {
  const next = { [kernelGroup]: 0, [stepGroup]: 0 };
  return wgsl.replace(/^var<(storage|uniform)\b/gm, (declaration, space: string) => {
    const group = space === "uniform" ? stepGroup : kernelGroup;
    return `@group(${group}) @binding(${next[group]++}) ${declaration}`;
  });
}

/**
 * Repeats passages of text, because loops over registers cost more than the arithmetic in them on some adapters:
 *
 *     #for k in 0..WORDS          one copy for each k from 0 up to, not including, the variant WORDS (or a number)
 *     #for c in x y z w           one copy for each word
 *       sum_{k} += weight_{k}.{c} * input_{c};
 *     #end
 *
 * `{k}` in the passage stands for the copy's value. Passages may nest.
 */
export function unroll(wgsl: string, variants: Readonly<Record<string, string>> = {}): string {
  const output: string[] = [];
  const lines = wgsl.split("\n");
  for (let at = 0; at < lines.length; at++) {
    const opening = lines[at].match(/^\s*#for (\w+) in (.+?)\s*(?:\/\/.*)?$/);
    if (!opening) {
      output.push(lines[at]);
      continue;
    }
    const end = closingLine(lines, at);
    const body = lines.slice(at + 1, end).join("\n");
    for (const value of loopValues(opening[2], variants)) {
      output.push(unroll(body.replaceAll(`{${opening[1]}}`, value), variants));
    }
    at = end;
  }
  return output.join("\n");
}

/** The line of the `#end` that closes the `#for` on line `opening`. */
function closingLine(lines: readonly string[], opening: number): number {
  let depth = 0;
  for (let at = opening; at < lines.length; at++) {
    if (/^\s*#for\b/.test(lines[at])) depth++;
    if (/^\s*#end\b/.test(lines[at]) && --depth === 0) return at;
  }
  throw new Error(`no #end for: ${lines[opening]}`);
}

function loopValues(values: string, variants: Readonly<Record<string, string>>): string[] {
  const range = values.match(/^(\w+)\.\.(\w+)$/);
  if (!range) return values.split(/\s+/);
  const [first, end] = range.slice(1).map((bound) => Number(variants[bound] ?? bound));
  if (!Number.isInteger(first) || !Number.isInteger(end))
    throw new Error(`#for: ${values} is no range of whole numbers`);
  return Array.from({ length: Math.max(0, end - first) }, (_, index) => String(first + index));
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

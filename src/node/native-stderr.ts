import { closeSync, openSync } from "node:fs";

/** The functions of the C library that exchange what lies behind a file descriptor. */
interface Descriptors {
  dup(descriptor: number): number;
  dup2(from: number, to: number): number;
}

const stderr = 2;

/** Null where descriptors can't be exchanged; undefined until the first use. */
let descriptors: Descriptors | null | undefined;

/**
 * Runs `work` while what native code (Dawn, the Vulkan loader, its layers and drivers) writes to stderr is dropped: they
 * write to the file descriptor itself, past `process.stderr`, and have no setting that turns all of it off. Only the
 * synchronous part of `work` is covered, in which no code of ours can write. Node can't duplicate a descriptor, so that
 * the C library is asked to. Where that can't be, `work` simply runs: only on Linux are there drivers that chatter.
 */
export async function quietly<T>(work: () => T | Promise<T>): Promise<T> {
  descriptors ??= await loadDescriptors();
  const saved = descriptors?.dup(stderr) ?? -1;
  if (!descriptors || saved < 0) return work();
  const nowhere = openSync("/dev/null", "w");
  descriptors.dup2(nowhere, stderr);
  try {
    return work();
  } finally {
    descriptors.dup2(saved, stderr);
    closeSync(saved);
    closeSync(nowhere);
  }
}

/** `quietly`, or what lets everything through for people who look for a fault. */
export function nativeCalls({ debug }: { readonly debug?: boolean | undefined }): typeof quietly {
  return debug ? async (work) => work() : quietly;
}

/** An optional dependency: what it does is a comfort. */
async function loadDescriptors(): Promise<Descriptors | null> {
  if (process.platform !== "linux") return null;
  try {
    const { default: koffi } = await import("koffi");
    const libc = koffi.load(null);
    return { dup: libc.func("int dup(int)"), dup2: libc.func("int dup2(int, int)") };
  } catch {
    return null;
  }
}

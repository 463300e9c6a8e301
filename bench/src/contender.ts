import type { Dataset, Split } from "../../src/data/dataset.ts";
import type { FormName } from "../../src/kernels/forms.ts";
import type { FoundAdapter } from "../../src/node/adapter.ts";
import type { HostData } from "./host-data.ts";
import type { BatchStart, Workload } from "./workload.ts";

/** Whatever trains the workload's network, in a process of its own. */
export interface Contender {
  /** What computes, in words. */
  readonly device: string;
  /** Milliseconds of making it in which the data went to another process and became floats there: others find it in memory. */
  readonly dataMs?: number;
  /** Sets the order in which the training images are visited. */
  setOrder(order: Uint32Array): void | Promise<void>;
  /** Trains one step on each mini-batch and resolves when all are done. */
  train(batches: readonly BatchStart[]): Promise<Trained>;
  /** How many images of `split` are classified rightly, from bytes in the host's memory to classes there. */
  countCorrect(split: Split): Promise<number>;
  /** Resident memory in bytes of the process that computes, where that is another one than this. */
  residentBytes?(): Promise<number | undefined>;
  destroy(): void;
}

export interface Trained {
  /** Mean loss of the last mini-batch, before its update. */
  readonly loss: number;
  /** Milliseconds in the calls that hand over the steps, waiting not counted. */
  readonly hostMs: number;
}

export interface ContenderOptions {
  readonly workload: Workload;
  readonly dataset: Dataset;
  /** The training images as the peers take them. */
  readonly host?: HostData;
  /** What `navigator.gpu` of a page would be; absent for a contender that computes on the CPU. */
  readonly adapter?: FoundAdapter;
  /** The form of our kernels, for ours alone. */
  readonly kernels?: FormName;
}

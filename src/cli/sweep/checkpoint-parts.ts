import type { NetworkState } from "../../training/sweep/create-group-trainer.ts";

/** Networks that one checkpoint file holds at most: what tells of them must not grow beyond what safetensors' readers take. */
const mostNetworks = 100;
/** Bytes of parameters that it holds at most, unless one network has more. */
const mostBytes = 2 ** 30;

/** The states of networks that are trained together, in parts of which each makes a checkpoint file that can be read again. */
export function checkpointParts(
  states: ReadonlyMap<number, NetworkState>,
  most = { networks: mostNetworks, bytes: mostBytes },
): Map<number, NetworkState>[] {
  const parts: Map<number, NetworkState>[] = [];
  let room = 0;
  for (const [place, state] of states) {
    const bytes = bytesOf(state);
    const last = parts.at(-1);
    if (last && last.size < most.networks && bytes <= room) last.set(place, state);
    else {
      parts.push(new Map([[place, state]]));
      room = most.bytes;
    }
    room -= bytes;
  }
  return parts;
}

function bytesOf({ snapshot: { state, finite, selection } }: NetworkState): number {
  const networks = [state.parameters, finite, selection.parameters ?? [], ...Object.values(state.slots)];
  return networks.flat().reduce((sum, { weight, bias }) => sum + weight.byteLength + bias.byteLength, 0);
}

/** One step of an arrow key: -1, 0 or 1 each. */
export interface ArrowStep {
  readonly right: number;
  readonly down: number;
}

const steps: Readonly<Record<string, ArrowStep>> = {
  ArrowLeft: { right: -1, down: 0 },
  ArrowRight: { right: 1, down: 0 },
  ArrowUp: { right: 0, down: -1 },
  ArrowDown: { right: 0, down: 1 },
};

/** Whether a key is one of a browser's shortcuts: Alt and an arrow goes back. */
export function isShortcut({ ctrlKey, metaKey, altKey }: KeyboardEvent): boolean {
  return ctrlKey || metaKey || altKey;
}

/** Where an arrow key goes; nothing for other keys and shortcuts. */
export function arrowStep(event: KeyboardEvent): ArrowStep | undefined {
  return isShortcut(event) ? undefined : steps[event.key];
}

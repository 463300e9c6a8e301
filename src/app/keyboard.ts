import { isShortcut } from "./arrow-keys.ts";
import { byId } from "./dom.ts";

/** Elements that make use of keys themselves: letters typed there, and space pressed on a button, are theirs. */
const typed = "input, select, textarea, dialog, [contenteditable]";
const pressed = "button, summary, a";

/** Calls the action of a key, named as `KeyboardEvent.key` does, wherever on the page it is pressed. */
export function listenToKeys(actions: Readonly<Record<string, () => void>>): void {
  document.addEventListener("keydown", (event) => {
    // A screen may have taken the page's place.
    if (event.defaultPrevented || event.repeat || isShortcut(event) || byId("page").hidden) return;
    const target = event.target instanceof Element ? event.target : document.body;
    if (target.closest(typed) || (event.key === " " && target.closest(pressed))) return;
    const action = actions[event.key.toLowerCase()];
    if (!action) return;
    // Space would scroll.
    event.preventDefault();
    action();
  });
}

/** The element of index.html with this id. A missing one is a mistake of ours. */
export function byId<E extends HTMLElement = HTMLElement>(id: string): E {
  const found = document.getElementById(id);
  if (!found) throw new Error(`index.html has no element #${id}`);
  return found as E;
}

type Attributes = Readonly<Record<string, string>>;

/** A new element with attributes and children; text is never parsed as HTML. `style` is refused by the page's policy: `setVariable`. */
export function element<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[Tag] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

/** A button that does `act` when pressed. */
export function button(label: string, act: () => void, attributes: Attributes = {}): HTMLButtonElement {
  const made = element("button", { type: "button", ...attributes }, label);
  made.addEventListener("click", act);
  return made;
}

/** Does what may replace or hide the button that has the focus; then the one in its place has it, or one next to that. */
export function keepingFocus(replace: () => void): void {
  const focused = document.activeElement;
  const places: { readonly around: Element; readonly index: number }[] = [];
  if (focused instanceof HTMLButtonElement) {
    for (let around = focused.parentElement; around; around = around.parentElement)
      places.push({ around, index: [...around.querySelectorAll("button")].indexOf(focused) });
  }
  replace();
  // Browsers take the focus from what is hidden later, or never. A node that was taken away and put back has lost it.
  const now = document.activeElement;
  if (now !== document.body && !(now === focused && now?.checkVisibility() === false)) return;
  const isSeen = (each: HTMLButtonElement) => each.checkVisibility();
  for (const { around, index } of places) {
    const buttons = around.isConnected ? [...around.querySelectorAll("button")] : [];
    const next = buttons.slice(index).find(isSeen) ?? buttons.slice(0, index).findLast(isSeen);
    if (!next) continue;
    next.focus({ preventScroll: true });
    return;
  }
}

/** A new element of a drawing, with attributes and children. */
export function shape(tag: string, attributes: Attributes, ...children: SVGElement[]): SVGElement {
  const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

/** The 2D context of a canvas, which every browser that gets this far has. */
export function context2d(canvas: HTMLCanvasElement): CanvasRenderingContext2D {
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (!context) throw new Error("the browser gave no 2D context");
  return context;
}

/**
 * What `draw` makes of a canvas, as an image, for pictures that stay as they are: browsers make a layer of every canvas, and a
 * hundred of them take longer than all else in a frame.
 */
export function stillPicture(
  draw: (canvas: HTMLCanvasElement) => void,
  attributes: Attributes & { readonly alt: string },
): HTMLImageElement {
  const canvas = element("canvas");
  draw(canvas);
  const image = element("img", { draggable: "false", decoding: "sync", ...attributes });
  image.src = canvas.toDataURL();
  return image;
}

/** Sets a custom property, e.g. `--share`, on an element, and returns it. */
export function setVariable<E extends HTMLElement>(node: E, name: string, value: number): E {
  node.style.setProperty(name, String(value));
  return node;
}

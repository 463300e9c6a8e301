/** What `hideable` keeps in a page's window. */
export interface Frames {
  /** How many animation frames are still to come. */
  awaited(): number;
  /** From now on there are no more of them, as for a page that nobody sees. */
  hide(): void;
}

/** Run in a page before its own scripts: the page can be hidden as far as its animation frames go. */
export const hideable = () => {
  let hidden = false;
  let awaited = 0;
  const ask = window.requestAnimationFrame.bind(window);
  window.requestAnimationFrame = (draw) => {
    if (hidden) return 0;
    awaited++;
    return ask((time) => {
      awaited--;
      draw(time);
    });
  };
  const frames: Frames = {
    awaited: () => awaited,
    hide() {
      hidden = true;
    },
  };
  Object.assign(window, frames);
};

/*
 * Some browsers name a language that their own Intl refuses (`en-US@posix` where the system has none), and uPlot asks
 * for numbers in that language as soon as it is loaded: imported first of all, this puts English in its place.
 */
try {
  new Intl.NumberFormat(navigator.language);
} catch {
  Object.defineProperty(navigator, "language", { value: "en-US" });
}

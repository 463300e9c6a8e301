/** Vite's `?raw` import of a WGSL file: its text. */
declare module "*.wgsl?raw" {
  const text: string;
  export default text;
}

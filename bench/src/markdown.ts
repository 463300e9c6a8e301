/** A table in Markdown. */
export function markdown(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  const alignment = head.map((_, index) => (index === 0 ? "---" : "---:"));
  return [line(head), line(alignment), ...rows.map(line)].join("\n");
}

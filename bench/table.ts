/** A column of a table: its title, and what stands in it; numbers are set to the right. */
export interface Column<T> {
  readonly title: string;
  readonly align: "left" | "right";
  readonly cell: (row: T) => string;
}

/** Rows as text, columns aligned by spaces. */
export function textTable<T>(columns: readonly Column<T>[], rows: readonly T[]): string {
  const lines = [columns.map(({ title }) => title), ...rows.map((row) => columns.map(({ cell }) => cell(row)))];
  const widths = columns.map((_, place) => Math.max(...lines.map((line) => line[place]?.length ?? 0)));
  const pad = (text: string, place: number): string =>
    columns[place]?.align === "left" ? text.padEnd(widths[place] ?? 0) : text.padStart(widths[place] ?? 0);
  return `${lines.map((line) => line.map(pad).join("  ").trimEnd()).join("\n")}\n`;
}

/** Rows as a table of Markdown. */
export function markdownTable<T>(columns: readonly Column<T>[], rows: readonly T[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  const rule = `|${columns.map(({ align }) => (align === "left" ? "---" : "---:")).join("|")}|`;
  return `${[line(columns.map(({ title }) => title)), rule, ...rows.map((row) => line(columns.map(({ cell }) => cell(row))))].join("\n")}\n`;
}

/** One line of the table of targets: what was measured, and what it must and should be. */
export interface Row {
  readonly path: string;
  readonly unit: string;
  readonly measured?: number;
  /** Reached or bettered, the row is met; absent where a figure is only published. */
  readonly must?: number;
  readonly aim?: number;
  /** What the signatures alone would come to here, on this machine: nothing that does them can be better. */
  readonly limit?: number;
  /** Whether a greater figure is the better one. */
  readonly better: "greater" | "smaller";
  /** Why there is no figure, where there is none. */
  readonly notMeasured?: string;
}

/** The row's verdict in a word. */
export function verdict({
  measured,
  must,
  aim,
  better,
}: Row): "aim met" | "met" | "MISSED" | "not measured" | "no target" {
  if (measured === undefined || Number.isNaN(measured)) return "not measured";
  if (must === undefined || aim === undefined) return "no target";
  const reaches = (target: number) => (better === "greater" ? measured >= target : measured <= target);
  if (reaches(aim)) return "aim met";
  return reaches(must) ? "met" : "MISSED";
}

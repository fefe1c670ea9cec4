/** A numbered requirement of SPEC.md. */
export interface Requirement {
  /** Its number, such as `4.15`. */
  readonly id: string;
  readonly text: string;
  /** The heading of its section, as a link names it. */
  readonly anchor: string;
}

export function requirementsIn(markdown: string): {
  readonly requirements: readonly Requirement[];
  readonly unnumbered: readonly string[];
};

export function keywordOf(text: string): "MUST" | "SHOULD" | "MAY" | undefined;

/** A claim's value that a rule accepts. Compared exactly, types included. */
export type ClaimValue = string | number | boolean;

/** What a rule demands of evidence. All of it must hold. */
export interface RuleChecks {
  /** The evidence's subject, exactly, or how it begins, with one `*` at the end. */
  readonly subject?: string;
  /**
   * Claims by RFC 6901 pointers, each with the value or the list of values that are accepted:
   * `{ "/kubernetes.io/serviceaccount/uid": "6f0c…" }`. A `/` within a name is written `~1`, a `~` is written `~0`.
   */
  readonly claims?: Readonly<Record<string, ClaimValue | readonly ClaimValue[]>>;
}

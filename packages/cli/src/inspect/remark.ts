/**
 * Something that a reader of a token should know.
 *
 * - `malformed`: no reader of this protocol takes the text at all;
 * - `refused`: well-formed, and refused by every verifier, however it is configured;
 * - `weak`: a verifier may accept it, and it is less safe than it could be.
 */
export interface Remark {
  readonly level: "malformed" | "refused" | "weak";
  /** Stable, for machines. */
  readonly id: string;
  /** For people. May quote the token: show it `printable`. */
  readonly message: string;
}

export function malformed(id: string, message: string): Remark {
  return { level: "malformed", id, message };
}

export function refused(id: string, message: string): Remark {
  return { level: "refused", id, message };
}

export function weak(id: string, message: string): Remark {
  return { level: "weak", id, message };
}

/** A request in plain values, whatever kind of server it came to. */
export interface AuthorityRequest {
  /** The HTTP method. */
  readonly method: string;
  /** The path of its URL, as `URL` writes it: without host and query. */
  readonly path: string;
  /** The values of a field, joined by a comma; `null` if the request has no such field. @param name In any case. */
  field(name: string): string | null;
  /** All fields, for evidence that looks at them. */
  readonly headers: Headers;
  /** Reads the body, which nobody has read. @throws Problem as `readBody`. */
  body(): Promise<Uint8Array>;
}

/** An answer in plain values. */
export interface AuthorityAnswer {
  /** The HTTP status. */
  readonly status: number;
  /** The HTTP fields. */
  readonly headers: Readonly<Record<string, string>>;
  /** Empty where there is nothing to send. */
  readonly body: string;
}

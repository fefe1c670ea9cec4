/** The fields of an HTTP request, by any spelling of their names. */
export interface RequestFields {
  /** The values of a field, one for each time that it was sent. Platforms that join them give one. */
  get(name: string): readonly string[];
  /** All names, in lower case. */
  names(): readonly string[];
}

/** The single value of a field, or `undefined`. */
export function only(fields: RequestFields, name: string): string | undefined {
  const values = fields.get(name);
  return values.length === 1 ? values[0] : undefined;
}

/** What most clients send, and what it names. */
const USUAL: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  ["", new Set([""])],
  ["keep-alive", new Set(["keep-alive"])],
  ["close", new Set(["close"])],
]);

/** Names of fields that belong to the connection and not to the message, which its `Connection` field lists (RFC 9110 §7.6.1). */
export function hopByHop(connection: readonly string[]): ReadonlySet<string> {
  const listed = connection.length > 1 ? connection.join(",") : (connection[0] ?? "");
  return USUAL.get(listed) ?? new Set(listed.split(",").map((name) => name.trim().toLowerCase()));
}

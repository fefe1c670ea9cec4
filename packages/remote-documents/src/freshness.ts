/**
 * How many seconds a response may be used, by its `Cache-Control` and `Age` (RFC 9111 §4.2), within bounds: a source can
 * ask to be asked more often, never less often than `most`, and never so often that it hurts itself.
 */
export function freshness(headers: Headers, least: number, most: number): number {
  const directives = new Map(
    (headers.get("cache-control") ?? "").split(",").map((directive) => {
      const [name = "", value = ""] = directive.split("=");
      return [name.trim().toLowerCase(), value.trim().replace(/^"(.*)"$/, "$1")];
    }),
  );
  if (directives.has("no-store") || directives.has("no-cache")) return least;
  const maxAge = directives.get("max-age");
  if (maxAge === undefined) return most;
  // A value that is not a number counts as zero (RFC 9111 §4.2.1).
  return Math.min(most, Math.max(least, seconds(maxAge) - seconds(headers.get("age") ?? "")));
}

function seconds(text: string): number {
  return /^\d{1,10}$/.test(text) ? Number(text) : 0;
}

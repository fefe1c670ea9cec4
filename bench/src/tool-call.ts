/** A tool call of about 1.2 KB in 28 members; sorted as RFC 8785 has them, or not. */
export function toolCall({ sorted }: { readonly sorted: boolean }) {
  const names = Array.from({ length: 28 }, (_, i) => `member${String(i).padStart(2, "0")}`);
  const args = Object.fromEntries(
    (sorted ? names : names.toReversed()).map((name) => [name, `${"x".repeat(26)}${name}`]),
  );
  const params = sorted ? { arguments: args, name: "search" } : { name: "search", arguments: args };
  return { jsonrpc: "2.0", id: 1, method: "tools/call", params };
}

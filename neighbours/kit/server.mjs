/** A result of the tool `whoami`, which every program has: whom the handler learnt that it serves. */
export const whoami = (attestation) => ({ content: [{ type: "text", text: attestation?.subject ?? "nobody" }] });

/** Tells the probe where a server listens. @param listening A port, or something with the `address()` of a server. */
export function ready(listening, path = "/mcp") {
  const port = typeof listening === "number" ? listening : listening.address().port;
  console.log(JSON.stringify({ endpoint: `http://127.0.0.1:${port}${path}` }));
}

// What the load of an authority costs any server of `node:http`: reads each body, and answers what is as long as an authority's
// answer. Tells its CPU time whenever it is asked.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** As the listener of an authority has it, so that as many connections are opened. */
const KEEP_ALIVE_MS = 5000;

const ANSWERS: Readonly<Record<string, string>> = {
  "/attestations/challenge": JSON.stringify({ challenge: "x".repeat(76), possession: 2, expires_in: 60 }),
  "/attestations": JSON.stringify({ attestation: "x".repeat(1000), expires_at: 1 }),
};

const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, (req, res) => {
  const chunks: Buffer[] = [];
  req.on("data", (chunk: Buffer) => chunks.push(chunk));
  req.once("end", () => {
    JSON.parse(Buffer.concat(chunks).toString());
    const answer = ANSWERS[req.url ?? ""] ?? "";
    res.writeHead(200, { "Content-Type": "application/json", "Content-Length": answer.length }).end(answer);
  });
});
server.listen(0, "127.0.0.1", () => {
  process.send?.({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` });
});
process.on("message", () => process.send?.(process.cpuUsage()));
process.once("disconnect", () => process.exit());

// An MCP server that knows nothing of attestation: writes down which calls it executed, and answers all but those of `hang`.
import { appendFileSync } from "node:fs";
import { createServer } from "node:http";

const [, , port, file] = process.argv;
const server = createServer(async (req, res) => {
  let body = "";
  for await (const piece of req) body += piece;
  const { id, params } = body === "" ? {} : JSON.parse(body);
  appendFileSync(file, `${id}\n`);
  if (params?.name === "hang") return;
  res.writeHead(200, { "Content-Type": "application/json" });
  res.end(JSON.stringify({ jsonrpc: "2.0", id, result: { content: [] } }));
});
server.listen(Number(port), "127.0.0.1", () => console.log("listening"));

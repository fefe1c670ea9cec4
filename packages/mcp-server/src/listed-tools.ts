import { isJsonObject, optionError, type ToolDefinition, type TransportLike } from "@attest/core";
import { objectAt } from "./guard/json-rpc.ts";

/** A `Server` or `McpServer` of either SDK, as far as it is asked for its list. */
interface Listing {
  // biome-ignore lint/suspicious/noExplicitAny: the SDKs' own transport types, which this package does not import
  connect(transport: any): Promise<void>;
  close(): Promise<void>;
}

type Json = Record<string, unknown>;

/** The protocol version in which the list is asked for: every SDK that this package supports speaks it. */
const PROTOCOL_VERSION = "2025-03-26";
/** Pages of a list that are read at most. */
const MAX_PAGES = 1000;

/**
 * The tools by name, as a server of either SDK lists them to its clients: what `definition` of `requireAttestation` compares with. The SDKs
 * make the schemas that they list, so ask for them rather than write them again.
 *
 * Give a server of its own, made as those that serve and without a guard: it is connected inside this process, asked, and closed.
 *
 * @param server A `Server` or `McpServer` that is not connected.
 * @throws AttestationError `ERR_OPTION` if it is no such server, is guarded or connected already, or lists no tools.
 */
export async function listedTools(server: Listing): Promise<ReadonlyMap<string, ToolDefinition>> {
  if (typeof server?.connect !== "function" || typeof server.close !== "function") {
    throw optionError("server", "must be a Server or McpServer of the MCP SDK");
  }
  const waiting = new Map<unknown, (answer: Json) => void>();
  const transport: TransportLike & Json = {
    start: async () => {},
    close: async () => {},
    send: async (message: Json) => waiting.get(message["id"])?.(message),
  };
  await server.connect(transport);
  const say = (message: Json) => transport.onmessage?.({ jsonrpc: "2.0", ...message });
  const ask = async (method: string, params: Json): Promise<Json> => {
    const id = waiting.size + 1;
    const answered = new Promise<Json>((resolve) => void waiting.set(id, resolve));
    say({ id, method, params });
    const { result, error } = await answered;
    if (isJsonObject(result)) return result;
    const why =
      objectAt(error, "data")["reason"] === undefined ? "has no list of tools" : "is guarded: give one that is not";
    throw optionError("server", why);
  };
  try {
    const clientInfo = { name: "listed-tools", version: "1" };
    await ask("initialize", { protocolVersion: PROTOCOL_VERSION, capabilities: {}, clientInfo });
    say({ method: "notifications/initialized" });
    return await pagesOf((params) => ask("tools/list", params));
  } finally {
    await server.close();
  }
}

async function pagesOf(list: (params: Json) => Promise<Json>): Promise<ReadonlyMap<string, ToolDefinition>> {
  const tools = new Map<string, ToolDefinition>();
  let params: Json = {};
  for (let page = 0; page < MAX_PAGES; page++) {
    const { tools: listed, nextCursor } = await list(params);
    // What the server sent is what its clients read: the same JSON.
    for (const tool of JSON.parse(JSON.stringify(listed)) as ToolDefinition[])
      tools.set(tool.name, Object.freeze(tool));
    if (nextCursor === undefined) return tools;
    params = { cursor: nextCursor };
  }
  throw optionError("server", `lists its tools on more than ${MAX_PAGES} pages`);
}

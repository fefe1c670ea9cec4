// Puts a guarded server to the test from outside, as an attested agent, a stranger, a thief of requests and another agent
// would meet it. Resolves to one row of the table; nothing here knows which framework serves.
import { AttestingAgent, attestFetch, localSource } from "@attest/mcp-client";
import { Client as V2Client, StreamableHTTPClientTransport as V2Transport } from "@modelcontextprotocol/client";
import { Client as V1Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport as V1Transport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";

const INFO = { name: "probe", version: "1.0.0" };
/** The call that every program of ours serves. */
const WHOAMI = { name: "whoami", arguments: {} };

/** The clients, by the protocol era that they speak. */
const ERAS = {
  handshake: () => ({ client: new V1Client(INFO), Transport: V1Transport }),
  stateless: () => ({
    client: new V2Client(INFO, { versionNegotiation: { mode: { pin: "2026-07-28" } } }),
    Transport: V2Transport,
  }),
};

/**
 * Every era in turn. Resolves to `{ [era]: { honest, stranger, … } }`, where an era that is not served has `unserved` only:
 * the message of the first answer that was an error, or else what the client makes of it.
 *
 * @param called The tool that is called, with its arguments. Default: the one that our programs have.
 */
export async function probeServer(endpoint, authority, called = WHOAMI) {
  const rows = {};
  for (const era of Object.keys(ERAS)) rows[era] = await probeEra(new URL(endpoint), era, { authority, called });
  return rows;
}

async function probeEra(endpoint, era, { authority, called }) {
  const agentOf = () => new AttestingAgent({ source: localSource(authority.provider, authority.identity) });
  const { audience } = authority;
  const sent = [];
  let problem;
  const record = async (url, init) => {
    const response = await fetch(url, { ...init, signal: init.signal ?? AbortSignal.timeout(10_000) });
    sent.push({ init, sessionId: response.headers.get("mcp-session-id") ?? init.headers.get("mcp-session-id") });
    if (!response.ok) problem ??= messageOf(response.status, await response.clone().text());
    return response;
  };
  const attesting = attestFetch({ agent: agentOf(), audience, endpoint, fetch: record });
  const { client, Transport } = ERAS[era]();
  const transport = new Transport(endpoint, { fetch: attesting });
  try {
    await client.connect(transport);
  } catch (error) {
    return { unserved: problem ?? firstLine(error) };
  }
  const call = async () => {
    try {
      const { content, isError } = await client.callTool({ name: called.name, arguments: called.arguments });
      return isError ? `error: ${content[0]?.text}` : content[0]?.text;
    } catch (error) {
      return `error: ${firstLine(error)}`;
    }
  };
  const row = { honest: await call(), status: attesting.attestation.status };

  const last = sent.findLast(({ init }) => String(init.body).includes('"tools/call"'));
  if (!last) return row;
  const { body, headers: attested } = last.init;
  const sessionId = sent.findLast((each) => each.sessionId)?.sessionId;
  row.session = Boolean(sessionId);
  const bare = new Headers(attested);
  for (const name of ["agent-attestation", "agent-attestation-proof"]) bare.delete(name);

  row.replay = await refusal(endpoint, { method: "POST", headers: attested, body });
  row.stranger = await refusal(endpoint, { method: "POST", headers: bare, body });
  const another = attestFetch({ agent: agentOf(), audience, endpoint });
  if (sessionId) {
    row.hijack = await refusal(endpoint, { method: "POST", headers: bare, body }, another);
    const stream = new Headers({ accept: "text/event-stream", "mcp-session-id": sessionId });
    if (bare.has("mcp-protocol-version")) stream.set("mcp-protocol-version", bare.get("mcp-protocol-version"));
    row.get = await refusal(endpoint, { method: "GET", headers: stream });
    row.delete = await refusal(endpoint, { method: "DELETE", headers: stream });
    row.after = await call();
  } else {
    row.get = await refusal(endpoint, { method: "GET", headers: { accept: "text/event-stream" } });
    row.delete = await refusal(endpoint, { method: "DELETE", headers: {} });
  }
  await client.close().catch(() => {});
  return row;
}

/** How a request was refused: its reason, or its status; `served …` if it was not. */
async function refusal(endpoint, init, send = fetch) {
  const response = await send(endpoint, { ...init, signal: AbortSignal.timeout(10_000) });
  const reason = response.headers.get("agent-attestation-error");
  if (response.status < 400 && init.method !== "POST") {
    await response.body?.cancel();
    return `served ${response.status}`;
  }
  const text = await response.text();
  const inBody = /"reason":"(attestation_\w+)"/.exec(text)?.[1];
  if (reason || inBody) return `${response.status} ${reason ?? inBody}`;
  if (response.status >= 400) return `${response.status} ${text.slice(0, 160)}`;
  return `served ${response.status} ${text.slice(0, 160)}`;
}

/** What an answer says is wrong: the message of its JSON-RPC error, or its text. */
function messageOf(status, text) {
  try {
    return `${status} ${JSON.parse(text).error.message}`;
  } catch {
    return `${status} ${text.slice(0, 160)}`;
  }
}

const firstLine = (error) =>
  String(error?.message ?? error)
    .split("\n")[0]
    .slice(0, 240);

import {
  CAPABILITY,
  createProof,
  DECLARED_VERSION,
  EXTENSION,
  HTTP_FIELDS,
  KeyPair,
  MCP_CLIENT_CAPABILITIES,
  MCP_PROTOCOL_VERSION,
} from "@attest/core";
import { AUDIENCE, type FixtureAuthority } from "../fixture.ts";
import type { RunContext, SpecVersion } from "../scenario.ts";

type Json = Readonly<Record<string, unknown>>;

/** What a server answered. */
export interface Answer {
  readonly status: number;
  readonly field: (name: string) => string | null;
  readonly text: string;
  /** The JSON-RPC message in it, also if it came as an event. An empty object if it has no message. */
  readonly message: { readonly result?: Json; readonly error?: { readonly code?: unknown; readonly data?: Json } };
}

/** What is sent in the place of an honest agent's. */
export interface Sending {
  /** `false`: without credentials. */
  readonly attested?: boolean;
  /** Default: the honest agent's. */
  readonly attestation?: string;
  /** The X25519 key with which the proof asks for a ticket. */
  readonly ticketKey?: string;
  /** When the proof says that it was made, Unix seconds. Default: now. */
  readonly provedAt?: number;
  /** In the place of a new proof. */
  readonly proof?: string;
  /** In the place of `POST`. */
  readonly method?: string;
  /** `false`: a request of the stateless era does not declare the extension. */
  readonly declares?: boolean;
}

const CLIENT_INFO = { name: "attest-conformance", version: "1.0.0" };

/** An honest agent in front of a server over Streamable HTTP, in one era, which also sends what it should not. */
export class ServerWire {
  readonly era: SpecVersion;
  readonly #url: string;
  readonly #authority: FixtureAuthority;
  readonly #signer: Promise<KeyPair> = KeyPair.generate();
  #sessionId: string | undefined;
  #last: RequestInit | undefined;
  #id = 0;

  constructor({ serverUrl, specVersion }: RunContext, authority: FixtureAuthority) {
    this.#url = serverUrl;
    this.era = specVersion;
    this.#authority = authority;
  }

  /** Opens a session, where the era has them. @returns The answer to `initialize`. */
  async initialize(): Promise<Answer> {
    const capabilities = {
      experimental: { [CAPABILITY]: { version: DECLARED_VERSION.attestation, supported_algorithms: ["Ed25519"] } },
    };
    const answer = await this.request("initialize", {
      protocolVersion: this.era,
      capabilities,
      clientInfo: CLIENT_INFO,
    });
    this.#sessionId = answer.field("mcp-session-id") ?? undefined;
    return answer;
  }

  /** An attestation of the agent's key. */
  async attestation(safetyLevel?: "standard" | "minimal"): Promise<string> {
    return this.#authority.attest((await this.#signer).toJwk(), safetyLevel);
  }

  request(method: string, params: Json = {}, sending: Sending = {}): Promise<Answer> {
    this.#id++;
    return this.message({ jsonrpc: "2.0", id: this.#id, method, params: this.#complete(params, sending) }, sending);
  }

  notify(method: string, sending: Sending = {}): Promise<Answer> {
    return this.message({ jsonrpc: "2.0", method, params: this.#complete({}, sending) }, sending);
  }

  message(message: unknown, sending: Sending = {}): Promise<Answer> {
    return this.send(JSON.stringify(message), sending);
  }

  /** Sends a body as it is; none where `body` is `undefined`. */
  async send(body: string | undefined, sending: Sending = {}): Promise<Answer> {
    const { method = "POST" } = sending;
    const bytes = body === undefined ? undefined : new TextEncoder().encode(body);
    const session = this.#sessionId;
    return this.#exchange({
      method,
      redirect: "manual",
      headers: {
        Accept: "application/json, text/event-stream",
        ...(bytes && { "Content-Type": "application/json" }),
        ...this.#standardFields(body),
        ...(session !== undefined && { "Mcp-Session-Id": session }),
        ...(sending.attested !== false && (await this.#credentials(method, bytes, sending))),
      },
      ...(bytes && { body: bytes }),
    });
  }

  /** Sends what was sent last once more, to the byte. */
  again(): Promise<Answer> {
    if (this.#last === undefined) throw new Error("Nothing was sent yet");
    return this.#exchange(this.#last);
  }

  async #exchange(request: RequestInit): Promise<Answer> {
    this.#last = request;
    const response = await fetch(this.#url, request);
    const text = await response.text();
    return {
      status: response.status,
      field: (name) => response.headers.get(name),
      text,
      message: messageIn(text),
    };
  }

  async #credentials(method: string, body: Uint8Array | undefined, sending: Sending): Promise<Record<string, string>> {
    const attestation = sending.attestation ?? (await this.attestation());
    const { ticketKey, provedAt } = sending;
    const proof =
      sending.proof ??
      (await createProof({
        attestation,
        signer: await this.#signer,
        audience: AUDIENCE,
        request: { kind: "http", method, ...(body && { body }) },
        ...(this.#sessionId !== undefined && { sessionId: this.#sessionId }),
        ...(ticketKey !== undefined && { ticketKey }),
        ...(provedAt !== undefined && { clock: () => provedAt }),
      }));
    return { [HTTP_FIELDS.attestation]: attestation, [HTTP_FIELDS.proof]: proof };
  }

  /** The fields by which MCP repeats what a message says. */
  #standardFields(body: string | undefined): Record<string, string> {
    const { method, params } = messageIn(body ?? "") as { method?: string; params?: { name?: string } };
    return {
      "MCP-Protocol-Version": this.era,
      ...(this.era === "2026-07-28" && method !== undefined && { "Mcp-Method": method }),
      ...(this.era === "2026-07-28" && params?.name !== undefined && { "Mcp-Name": params.name }),
    };
  }

  #complete(params: Json, { declares = true }: Sending): Json {
    if (this.era !== "2026-07-28") return params;
    return {
      ...params,
      _meta: {
        [MCP_PROTOCOL_VERSION]: this.era,
        "io.modelcontextprotocol/clientInfo": CLIENT_INFO,
        [MCP_CLIENT_CAPABILITIES]: declares ? { extensions: { [EXTENSION]: {} } } : {},
      },
    };
  }
}

/** The last message in an answer: JSON, or the data of events. */
function messageIn(text: string): Answer["message"] {
  const events = text.split("\n").filter((line) => line.startsWith("data: {"));
  try {
    const value: unknown = JSON.parse(events.at(-1)?.slice("data: ".length) ?? text);
    return typeof value === "object" && value !== null ? value : {};
  } catch {
    return {};
  }
}

import { HTTP_FIELDS, type ProofRequest, type Signer } from "@attest/core";
import type { Answer } from "./answer.ts";
import type { Channel } from "./attack-target.ts";
import {
  INITIALIZE,
  jsonRpc,
  LIST_TOOLS,
  messageRequest,
  PROTOCOL_VERSION,
  subscriptionIn,
  summaryOf,
  withCredentials,
} from "./envelope.ts";
import type { HonestAgent } from "./honest-agent.ts";
import type { HttpRequest, HttpResponse } from "./http-wire.ts";
import type { Carrier, Era, Message, Occasion, OccasionOptions, PresentedCredentials } from "./message.ts";
import { readAnswer } from "./read-answer.ts";

/** The server at the other end, and who calls it. */
export interface HttpPeer {
  readonly agent: HonestAgent;
  readonly fields: Readonly<Record<string, string>>;
  /** For an `Authorization` field that the server demands. */
  readonly accessToken: string | undefined;
  exchange(request: HttpRequest, isComplete: (text: string) => boolean): Promise<HttpResponse>;
}

const encoder = new TextEncoder();
let lastId = 0;

/** Requests to one endpoint; after `initialize`, within the session that it opened. */
export class HttpChannel implements Channel {
  readonly #peer: HttpPeer;
  readonly #era: Era;
  #sessionId: string | undefined;
  #attestation: string | undefined;
  #signer: Signer | undefined;

  constructor(peer: HttpPeer, era: Era) {
    this.#peer = peer;
    this.#era = era;
  }

  get sessionId(): string | undefined {
    return this.#sessionId;
  }

  /** The message that every server guards and can answer: the first of the handshake era, or a list of what it has. */
  get probe(): Message {
    return this.#era === "handshake" && this.#sessionId === undefined ? INITIALIZE : LIST_TOOLS;
  }

  compose(message: Message = this.probe): Record<string, unknown> {
    return jsonRpc(message, this.#era, ++lastId) ?? {};
  }

  prepare(message: Message = this.probe, options: OccasionOptions = {}): Occasion {
    const { carrier = "headers", httpMethod, era = this.#era, id = ++lastId } = options;
    const content = jsonRpc(message, era, id);
    const method = message.kind === "bodiless" ? message.method : (httpMethod ?? "POST");
    const fields = { ...this.#fields(message, era), ...options.fields };
    const alongside = this.#alongside(options);
    const present = (credentials: PresentedCredentials): Promise<Answer> => {
      const complete = content && withCredentials(content, credentials, carrier);
      const body = complete && encoder.encode(JSON.stringify(complete));
      const own = carrier === "headers" ? credentialFields(credentials) : {};
      return this.#send(
        { method, fields: { ...fields, ...alongsideFields(alongside), ...own }, ...(body && { body }) },
        id,
      );
    };
    const summary = summaryOf(message, carrier, method);
    return { summary, request: requestFor(message, content, method, carrier), ...alongside, present };
  }

  async initialize(attestation?: string, signer?: Signer): Promise<Answer> {
    if (this.#era === "stateless") throw new TypeError("There is no session to be opened in the stateless era");
    const { agent } = this.#peer;
    const token = attestation ?? (await agent.attestation());
    this.#attestation = token;
    this.#signer = signer;
    const occasion = this.prepare(INITIALIZE);
    const answer = await occasion.present({ attestation: token, proof: await this.#prove(occasion, token) });
    if (answer.outcome !== "served") return answer;
    this.#sessionId = answer.sessionId;
    const confirmation = this.prepare({ kind: "notification", method: "notifications/initialized" });
    await confirmation.present({ attestation: token, proof: await this.#prove(confirmation, token) });
    return answer;
  }

  sendRaw(body: string | Uint8Array, options: OccasionOptions & PresentedCredentials = {}): Promise<Answer> {
    const { fields, httpMethod = "POST" } = options;
    const bytes = typeof body === "string" ? encoder.encode(body) : body;
    const own = { ...alongsideFields(this.#alongside(options)), ...credentialFields(options) };
    const all = { ...this.#fields(undefined, this.#era), ...fields, ...own };
    return this.#send({ method: httpMethod, fields: all, body: bytes }, undefined);
  }

  /** Closes the session, if one was opened; what comes back does not matter. */
  async close(): Promise<void> {
    if (this.#sessionId === undefined || this.#attestation === undefined) return;
    const attestation = this.#attestation;
    const occasion = this.prepare({ kind: "bodiless", method: "DELETE" });
    await occasion.present({ attestation, proof: await this.#prove(occasion, attestation) });
    this.#sessionId = undefined;
  }

  /** A proof of the session's owner. */
  #prove(occasion: Occasion, attestation: string): Promise<string> {
    return this.#peer.agent.prove(occasion, attestation, this.#signer && { signer: this.#signer });
  }

  /** What goes with a message, and is covered by its proof. */
  #alongside(options: OccasionOptions): { sessionId?: string; accessToken?: string } {
    const sessionId = options.sessionId === undefined ? this.#sessionId : (options.sessionId ?? undefined);
    const accessToken = options.accessToken ?? this.#peer.accessToken;
    return {
      ...(sessionId !== undefined && { sessionId }),
      ...(accessToken !== undefined && { accessToken }),
    };
  }

  #fields(message: Message | undefined, era: Era): Record<string, string> {
    const named = era === "stateless" && message !== undefined && "method" in message;
    const name = message?.kind === "request" ? message.params?.["name"] : undefined;
    return {
      ...this.#peer.fields,
      Accept: message?.kind === "bodiless" ? "text/event-stream" : "application/json, text/event-stream",
      "Content-Type": "application/json",
      "MCP-Protocol-Version": PROTOCOL_VERSION[era],
      ...(named && { "Mcp-Method": message.method, ...(typeof name === "string" && { "Mcp-Name": name }) }),
    };
  }

  async #send(request: HttpRequest, id: number | undefined): Promise<Answer> {
    const isAnswer = (message: Record<string, unknown>) =>
      id === undefined || message["id"] === id || subscriptionIn(message) === id;
    const response = await this.#peer.exchange(request, (text) => parseMessages(text).some(isAnswer));
    if (response.lost !== undefined) return { outcome: "lost", text: response.lost };
    const { status, field, text } = response;
    const messages = parseMessages(text);
    return readAnswer({
      status,
      text,
      message: messages.find(isAnswer) ?? messages.find((message) => "error" in message),
      errorField: field(HTTP_FIELDS.error),
      statusField: field(HTTP_FIELDS.status),
      ticketField: field(HTTP_FIELDS.ticket),
      sessionId: field("Mcp-Session-Id"),
    });
  }
}

function requestFor(
  message: Message,
  content: Record<string, unknown> | undefined,
  method: string,
  carrier: Carrier,
): ProofRequest {
  if (content === undefined) return { kind: "http", method };
  if (carrier === "headers") return { kind: "http", method, body: encoder.encode(JSON.stringify(content)) };
  return messageRequest(message, content);
}

/** What HTTP cannot carry as text is sent as JSON: the server must refuse it as well. */
function credentialFields({ attestation, proof }: PresentedCredentials): Record<string, string | readonly string[]> {
  return {
    ...(attestation !== undefined && { [HTTP_FIELDS.attestation]: fieldOf(attestation) }),
    ...(proof !== undefined && { [HTTP_FIELDS.proof]: fieldOf(proof) }),
  };
}

function fieldOf(value: unknown): string | readonly string[] {
  if (Array.isArray(value)) return value.map(String);
  return typeof value === "string" ? value : (JSON.stringify(value) ?? "");
}

function alongsideFields({
  sessionId,
  accessToken,
}: {
  sessionId?: string;
  accessToken?: string;
}): Record<string, string> {
  return {
    ...(sessionId !== undefined && { "Mcp-Session-Id": sessionId }),
    ...(accessToken !== undefined && { Authorization: `Bearer ${accessToken}` }),
  };
}

/** The JSON-RPC messages in a body: plain JSON, a batch, or the events of a stream. */
function parseMessages(text: string): Record<string, unknown>[] {
  const events = [...text.matchAll(/^data: ?(.*)$/gm)].map(([, data = ""]) => data);
  return [text, ...events].flatMap((candidate) => {
    try {
      const value: unknown = JSON.parse(candidate);
      return [value].flat().filter((entry) => typeof entry === "object" && entry !== null);
    } catch {
      return [];
    }
  }) as Record<string, unknown>[];
}

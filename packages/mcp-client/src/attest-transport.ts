import {
  AttestationError,
  isAbsoluteUri,
  META_ATTESTATION,
  META_PROOF,
  META_TICKET_GRANT,
  optionError,
  type ProofRequest,
  refuseUnknownOptions,
  type TransportLike,
} from "@attest/core";
import { Attempts } from "./attempts.ts";
import type { AttestationState } from "./attestation-state.ts";
import type { AttestingAgent } from "./attesting-agent.ts";
import type { Credentials } from "./credentials.ts";
import { declare, isDeclaring, objectOf } from "./declare.ts";
import { jsonSnapshot } from "./json-snapshot.ts";
import { messageName } from "./message-name.ts";
import { noteAnswer } from "./note-answer.ts";
import { overlay } from "./overlay.ts";
import { withoutOwnMeta } from "./own-meta.ts";
import { refusalIn } from "./refusal-in.ts";

/** How `attestTransport` attests. */
export interface AttestTransportOptions {
  /** The agent whose credentials go with each message. */
  readonly agent: AttestingAgent;
  /** The server's resource identifier: any absolute URI that client and server both have configured. */
  readonly audience: string;
  /** Present a 0.1.0 bearer attestation in `initialize` and nothing after it. Default false. */
  readonly bearer?: boolean;
  /** Send a request again that was refused as expired (SPEC-7.10). Default true. */
  readonly retry?: boolean;
}

type Json = Record<string, unknown>;

/** A request under way, to be recognised in its answer and sent again if need be. */
interface Outgoing {
  readonly message: Json;
  readonly options: { readonly requestSignal?: AbortSignal } | undefined;
  readonly attempts: Attempts;
  /** It with what it declares, in every attempt, as its proofs cover that. */
  declared?: Json;
  /** What its proofs are for, in every attempt. */
  proved?: ProofRequest;
  credentials?: Credentials;
  /** Whether the inner transport has been given it. */
  started: boolean;
  cancelled: boolean;
}

const attestedTransports = new WeakSet<object>();

/**
 * Attests every message that a client sends over a transport, in the message itself: for stdio, in-memory transports and
 * everything that is not HTTP. For HTTP, use `attestFetch`.
 *
 * Messages are sent in the order in which the client sends them, each with a proof made over exactly what is sent. A
 * request refused as expired is sent once more; it was refused before anything acted on it (M6). A request that is
 * cancelled before its attestation has arrived is not sent. The client sees messages without this protocol's own `_meta`
 * keys.
 *
 * Put instrumentation around the transport that is returned. What changes messages below it makes their proofs false.
 *
 * @returns The transport with `attestation`, which says how the server took the attestation.
 * @throws AttestationError `ERR_OPTION`, or `ERR_ALREADY_ATTESTED` if the transport is attested already.
 * @example
 * ```ts
 * import { type AttestingAgent, attestTransport } from "@attest/mcp-client";
 * import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
 *
 * declare const agent: AttestingAgent;
 * const stdio = new StdioClientTransport({ command: "bank-server" });
 * const transport = attestTransport(stdio, { agent, audience: "https://bank.example/mcp" });
 * ```
 */
export function attestTransport<T extends TransportLike>(
  inner: T,
  options: AttestTransportOptions,
): T & { readonly attestation: AttestationState } {
  const { agent, audience, bearer, retry } = configure(options);
  if (attestedTransports.has(inner))
    throw new AttestationError(
      "ERR_ALREADY_ATTESTED",
      "The transport is attested already. Wrap each transport once; one agent may serve many transports",
    );
  const attestation: AttestationState = { status: "pending" };
  const pending = new Map<unknown, Outgoing>();
  let starts: Promise<void> = Promise.resolve();

  const attach = async (message: Json, outgoing: Outgoing | undefined): Promise<Json> => {
    if (bearer) {
      if (message["method"] !== "initialize") return message;
      return { ...message, params: await agent.injectIntoInitialize(objectOf(message["params"]), audience) };
    }
    const declared =
      outgoing?.declared ?? (isDeclaring(message) ? declare(message, await agent.featuresFor(audience)) : message);
    const request = outgoing?.proved ?? proofRequestOf(declared);
    if (!request) return declared;
    if (outgoing) {
      outgoing.declared = declared;
      outgoing.proved = request;
    }
    const { sessionId } = inner;
    // A refusal of anything but a request is silent, so that everything else is signed (SPEC-19.23).
    const tickets = outgoing && { ...messageName(declared), ask: true, sign: outgoing.attempts.mustSign };
    const context = { ...(sessionId !== undefined && { sessionId }), ...(tickets && { tickets }) };
    const credentials = await agent.credentialsFor(audience, request, context);
    if (outgoing) outgoing.credentials = credentials;
    const member = request.kind === "response" ? "result" : "params";
    const body = objectOf(declared[member]);
    const meta = {
      ...objectOf(body["_meta"]),
      [META_ATTESTATION]: credentials.attestation,
      [META_PROOF]: credentials.proof,
    };
    return { ...declared, [member]: { ...body, _meta: meta } };
  };

  /** Begins to attest at once, and to send when everything before has begun to be sent. */
  const dispatch = (message: Json, sendOptions: unknown, outgoing?: Outgoing): Promise<void> => {
    const attached = attach(message, outgoing);
    attached.catch(() => {});
    let sent: Promise<void> | undefined;
    const start = starts.then(async () => {
      const complete = await attached;
      if (outgoing && isWithdrawn(outgoing)) return;
      if (outgoing) outgoing.started = true;
      // Its completion is not waited for: over HTTP a POST may end long after the next message must have gone out.
      sent = inner.send(complete, sendOptions);
      sent.catch(() => {});
    });
    starts = start.catch(() => {});
    return start.then(() => sent);
  };

  /** Takes note of a cancellation. @returns Whether the request was still to be sent, so that neither goes out. */
  const cancel = (requestId: unknown): boolean => {
    const outgoing = pending.get(requestId);
    if (!outgoing) return false;
    pending.delete(requestId);
    outgoing.cancelled = true;
    return !outgoing.started;
  };

  const request = async (message: Json, sendOptions: Outgoing["options"]): Promise<void> => {
    const attempts = new Attempts();
    const outgoing: Outgoing = { message, options: sendOptions, attempts, started: false, cancelled: false };
    const forget = () => {
      if (pending.get(message["id"]) === outgoing) pending.delete(message["id"]);
    };
    pending.set(message["id"], outgoing);
    sendOptions?.requestSignal?.addEventListener("abort", forget, { once: true });
    try {
      await dispatch(message, sendOptions, outgoing);
      if (!outgoing.started) sendOptions?.requestSignal?.throwIfAborted();
    } catch (error) {
      forget();
      throw error;
    }
  };

  const send = (message: unknown, sendOptions?: Outgoing["options"]): Promise<void> => {
    // What is proved is a snapshot, and the snapshot is what is sent: nobody can change it in between.
    let snapshot: Json;
    try {
      snapshot = jsonSnapshot(message) as Json;
    } catch {
      return Promise.reject(optionError("message", "must be plain JSON"));
    }
    if (snapshot["method"] === "notifications/cancelled" && cancel(objectOf(snapshot["params"])["requestId"])) {
      return Promise.resolve();
    }
    if ("method" in snapshot && "id" in snapshot) return request(snapshot, sendOptions);
    return dispatch(snapshot, sendOptions);
  };

  /** Sends a refused request again, if it may be. */
  const resend = (outgoing: Outgoing, answer: Json, giveUp: () => void): boolean => {
    const refusal = refusalIn(answer["error"]);
    const { credentials, attempts, message, options: sendOptions } = outgoing;
    if (!refusal || !credentials || !retry || isWithdrawn(outgoing)) return false;
    if (!agent.learn(audience, { ...refusal, credentials }, attempts)) return false;
    dispatch(message, sendOptions, outgoing).catch((error: Error) => {
      inner.onerror?.(error);
      // The caller gets the refusal, rather than waiting for an answer that cannot come.
      if (!isWithdrawn(outgoing)) giveUp();
    });
    return true;
  };

  /** Gives an answer that is not a refusal back to the agent, with the ticket in it. */
  const settle = ({ credentials }: Outgoing, answer: Json): void => {
    if (!credentials || refusalIn(answer["error"])) return;
    const grant = objectOf(objectOf(answer["result"])["_meta"])[META_TICKET_GRANT];
    agent.settle(audience, credentials, grant).catch((error: Error) => inner.onerror?.(error));
  };

  const receive = (message: Json, extra: unknown): void => {
    const isAnswer = "result" in message || "error" in message;
    const outgoing = isAnswer ? pending.get(message["id"]) : undefined;
    const pass = () => {
      if (outgoing) {
        settle(outgoing, message);
        pending.delete(message["id"]);
        noteAnswer(attestation, outgoing.message, message);
      }
      own.onmessage?.(withoutOwnMeta(message), extra);
    };
    if (!outgoing || !resend(outgoing, message, pass)) pass();
  };

  const own = { attestation, send, onmessage: inner.onmessage };
  const connect = () => {
    inner.onmessage = own.onmessage && receive;
  };
  if (inner.onmessage) connect();
  const attested = overlay(inner, own, (name) => {
    if (name === "onmessage") connect();
  });
  attestedTransports.add(attested).add(inner);
  return attested as T & { readonly attestation: AttestationState };
}

function configure(options: AttestTransportOptions): Required<AttestTransportOptions> {
  refuseUnknownOptions(options, { agent: true, audience: true, bearer: true, retry: true }, "attestTransport");
  const { agent, audience, bearer = false, retry = true } = options;
  if (typeof bearer !== "boolean") throw optionError("bearer", "must be true or false");
  if (typeof retry !== "boolean") throw optionError("retry", "must be true or false");
  if (typeof agent?.credentialsFor !== "function") throw optionError("agent", "must be an AttestingAgent");
  if (bearer && agent.namesDefinitions) {
    throw optionError(
      "bearer",
      "goes without proofs, and the agent's toolDefinition needs them: leave one of them out",
    );
  }
  if (!isAbsoluteUri(audience))
    throw optionError(
      "audience",
      "must be an absolute URI, the same as the server's, such as https://bank.example/mcp",
    );
  return { agent, audience, bearer, retry };
}

/** Whether the client no longer wants an answer, so that the request must not be sent, or sent again. */
function isWithdrawn({ cancelled, options }: Outgoing): boolean {
  return cancelled || options?.requestSignal?.aborted === true;
}

/** What a proof of this message is for; `undefined` for error responses, which carry none. */
function proofRequestOf({ id, method, params, result }: Json): ProofRequest | undefined {
  if (typeof method === "string") return { kind: "message", method, params };
  if (result === undefined) return undefined;
  return { kind: "response", id: id as string | number, result };
}

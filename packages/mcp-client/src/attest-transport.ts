import {
  AttestationError,
  CAPABILITY,
  EXTENSION,
  isAbsoluteUri,
  MCP_PROTOCOL_VERSION,
  META_ATTESTATION,
  META_PROOF,
  META_STATUS,
  optionError,
  type ProofRequest,
  refuseUnknownOptions,
  VERSION,
} from "@attest/core";
import { refusalIn } from "./attestation-error-of.ts";
import type { AttestationState } from "./attestation-state.ts";
import type { AttestingAgent } from "./attesting-agent.ts";
import { declareCapability, declareExtension, objectOf } from "./declare.ts";

/** The part of both SDKs' `Transport` that the wrapper touches. */
export interface TransportLike {
  /** Called with each message that arrives. */
  // biome-ignore lint/suspicious/noExplicitAny: the SDKs' own message and extra types, which this package does not import
  onmessage?: ((message: any, extra?: any) => void) | undefined;
  /** Called with what fails where nobody waits for it. */
  onerror?: ((error: Error) => void) | undefined;
  /** Sends one message. */
  // biome-ignore lint/suspicious/noExplicitAny: the SDKs' own message and option types, which this package does not import
  send(message: any, options?: any): Promise<void>;
  /** The session's id, where the transport has one. */
  readonly sessionId?: string | undefined;
}

type Json = Record<string, unknown>;

/** A request under way, to be recognised in its answer and sent once more if need be. */
interface Sent {
  readonly message: Json;
  readonly options: unknown;
  retried: boolean;
}

const attestedTransports = new WeakSet<object>();

/**
 * Attests every message that a client sends over a transport, in the message itself: for stdio, in-memory transports and
 * everything that is not HTTP, for which there is `attestFetch`.
 *
 * Messages are sent in the order in which the client sends them, each with a proof made over exactly what is sent. A
 * request refused as expired is sent once more, with the clock corrected; it was refused before it was acted on (M6).
 *
 * @param options.audience The server's resource identifier: any absolute URI that both sides have configured.
 * @param options.bearer Present a 0.1.0 bearer attestation at `initialize` and nothing after it. Default false.
 * @param options.retry Default true.
 * @throws AttestationError `ERR_OPTION`, or `ERR_ALREADY_ATTESTED` if the transport is attested already.
 */
export function attestTransport<T extends TransportLike>(
  inner: T,
  options: { agent: AttestingAgent; audience: string; bearer?: boolean; retry?: boolean },
): T & { readonly attestation: AttestationState } {
  refuseUnknownOptions(options, ["agent", "audience", "bearer", "retry"], "attestTransport");
  const { agent, audience, bearer = false, retry = true } = options;
  if (typeof bearer !== "boolean") throw optionError("bearer", "must be true or false");
  if (typeof retry !== "boolean") throw optionError("retry", "must be true or false");
  if (typeof agent?.credentialsFor !== "function") throw optionError("agent", "must be an AttestingAgent");
  if (!isAbsoluteUri(audience)) throw optionError("audience", "must be an absolute URI");
  if (attestedTransports.has(inner))
    throw new AttestationError("ERR_ALREADY_ATTESTED", "The transport is attested already");
  const attestation: AttestationState = { status: "pending" };
  const pending = new Map<unknown, Sent>();
  let deliver = inner.onmessage;
  let starts: Promise<void> = Promise.resolve();

  const attach = async (message: Json): Promise<Json> => {
    if (bearer) {
      if (message["method"] !== "initialize") return message;
      return { ...message, params: await agent.injectIntoInitialize(objectOf(message["params"]), audience) };
    }
    const declared = declare(message);
    const request = requestOf(declared);
    if (!request) return declared;
    const { sessionId } = inner;
    const context = sessionId === undefined ? {} : { sessionId };
    const { attestation: token, proof } = await agent.credentialsFor(audience, request, context);
    const member = request.kind === "response" ? "result" : "params";
    const body = objectOf(declared[member]);
    const meta = { ...objectOf(body["_meta"]), [META_ATTESTATION]: token, [META_PROOF]: proof };
    return { ...declared, [member]: { ...body, _meta: meta } };
  };

  /** Begins to attest at once, and to send when everything before has begun to be sent. */
  const dispatch = (message: Json, sendOptions: unknown, wanted = () => true): Promise<void> => {
    const attached = attach(message);
    attached.catch(() => {});
    let sent: Promise<void> | undefined;
    const start = starts.then(async () => {
      const complete = await attached;
      if (!wanted()) return;
      // Its completion is not waited for: over HTTP a POST may end long after the next message must have gone out.
      sent = inner.send(complete, sendOptions);
      sent.catch(() => {});
    });
    starts = start.catch(() => {});
    return start.then(() => sent);
  };

  const send = (message: unknown, sendOptions?: unknown): Promise<void> => {
    // What is proved is a snapshot, and the snapshot is what is sent: nobody can change it in between.
    let snapshot: Json;
    try {
      snapshot = JSON.parse(JSON.stringify(message));
    } catch {
      return Promise.reject(optionError("message", "must be plain JSON"));
    }
    // What was given up must not be sent once more (M6).
    if (snapshot["method"] === "notifications/cancelled") pending.delete(objectOf(snapshot["params"])["requestId"]);
    if (!("method" in snapshot && "id" in snapshot)) return dispatch(snapshot, sendOptions);
    const request: Sent = { message: snapshot, options: sendOptions, retried: false };
    pending.set(snapshot["id"], request);
    return dispatch(snapshot, sendOptions).catch((error: unknown) => {
      if (pending.get(snapshot["id"]) === request) pending.delete(snapshot["id"]);
      throw error;
    });
  };

  const receive = (message: Json, extra: unknown): void => {
    const isAnswer = "result" in message || "error" in message;
    const sent = isAnswer ? pending.get(message["id"]) : undefined;
    if (sent) {
      const refusal = refusalIn(message["error"]);
      if (refusal?.reason === "attestation_expired" && retry && !sent.retried && !bearer) {
        sent.retried = true;
        agent.learnExpired(audience, refusal.serverTime);
        const wanted = () => pending.get(message["id"]) === sent;
        dispatch(sent.message, sent.options, wanted).catch((error: Error) => {
          inner.onerror?.(error);
          // Whoever asked is told of the refusal, rather than left to wait for an answer that cannot come.
          if (!wanted()) return;
          pending.delete(message["id"]);
          note(attestation, sent.message, message);
          deliver?.(message, extra);
        });
        return;
      }
      pending.delete(message["id"]);
      note(attestation, sent.message, message);
    }
    deliver?.(message, extra);
  };

  const proxy = new Proxy(inner, {
    get(target, name) {
      if (name === "attestation") return attestation;
      if (name === "onmessage") return deliver;
      if (name === "send") return send;
      const value: unknown = Reflect.get(target, name, target);
      // Bound to the target, so that classes with #private members work.
      return typeof value === "function" && name !== "constructor" ? value.bind(target) : value;
    },
    set(target, name, value) {
      if (name !== "onmessage") return Reflect.set(target, name, value, target);
      deliver = value;
      target.onmessage = receive;
      return true;
    },
  });
  attestedTransports.add(proxy).add(inner);
  return proxy as T & { readonly attestation: AttestationState };
}

/** What a proof of this message is for; `undefined` for error responses, which carry none. */
function requestOf({ id, method, params, result }: Json): ProofRequest | undefined {
  if (typeof method === "string") return { kind: "message", method, params };
  if (result === undefined) return undefined;
  return { kind: "response", id: id as string | number, result };
}

/** Declares attestation as the era of the message has it; a message of a handshake that is done stays as it is. */
function declare(message: Json): Json {
  const params = objectOf(message["params"]);
  if (message["method"] === "initialize") {
    const capability = { version: VERSION.bound, supported_algorithms: ["Ed25519", "ES256"] };
    return { ...message, params: declareCapability(params, capability) };
  }
  const stateless = typeof objectOf(params["_meta"])[MCP_PROTOCOL_VERSION] === "string";
  return stateless ? { ...message, params: declareExtension(params) } : message;
}

/** Learns from an answer how the server took the attestation. */
function note(state: AttestationState, request: Json, answer: Json): void {
  const refusal = refusalIn(answer["error"]);
  if (refusal) {
    // A handler's own demand says nothing against the attestation.
    if (refusal.reason !== "attestation_claims_insufficient") {
      state.status = "failed";
      delete state.trustLevel;
    }
    if (refusal.policy) state.policy = refusal.policy;
    return;
  }
  const result = objectOf(answer["result"]);
  if (request["method"] === "server/discover") {
    const extensions = objectOf(objectOf(result["capabilities"])["extensions"]);
    takePolicy(state, objectOf(extensions[EXTENSION])["policy"]);
    return;
  }
  const status = objectOf(objectOf(result["_meta"])[META_STATUS]);
  const experimental = objectOf(objectOf(result["capabilities"])["experimental"]);
  const told = request["method"] === "initialize" ? objectOf(experimental[CAPABILITY]) : status;
  const { verification_status: outcome, trust_level: trustLevel, policy } = told;
  if (outcome === "verified" || outcome === "failed" || outcome === "not_provided") {
    state.status = outcome;
    // Trust goes with a verification: an earlier answer's, or one beside a failure, says nothing.
    delete state.trustLevel;
    if (outcome === "verified" && (trustLevel === "provider" || trustLevel === "enterprise")) {
      state.trustLevel = trustLevel;
    }
  } else if (state.status === "pending" && answer["result"] !== undefined) state.status = "unsupported";
  takePolicy(state, policy);
}

function takePolicy(state: AttestationState, policy: unknown): void {
  if (policy === "required" || policy === "preferred" || policy === "optional") state.policy = policy;
}

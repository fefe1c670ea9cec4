import { isJsonObject } from "@attest/core";
import { type Asked, filterOf, finishJson, HttpGate, methodNotAllowed, methodOf } from "@attest/mcp-server/gate";
import { type Admitted, admit, type GatewayRequest } from "./admit.ts";
import { corsFields, preflightFields } from "./answer/cors.ts";
import type { GatewayAnswer } from "./answer/gateway-answer.ts";
import { isAnswerTo } from "./answer/is-answer-to.ts";
import { readBounded } from "./answer/read-bounded.ts";
import { readJson } from "./answer/read-json.ts";
import { relayEvents } from "./answer/relay-events.ts";
import { StreamLimits } from "./answer/stream-limits.ts";
import { type FailureReason, failureMessage, systemCode } from "./answer/upstream-failure.ts";
import { withIdleLimit } from "./answer/with-idle-limit.ts";
import { CallEnd } from "./call-end.ts";
import { visibleList } from "./demands/visible-list.ts";
import type { GatewayConfiguration } from "./gateway-options.ts";
import { ProtectedResource } from "./protected-resource.ts";
import { headerOf, type Upstream, type UpstreamAnswer } from "./upstream/upstream.ts";
import { answerFields } from "./wire/answer-fields.ts";
import { SessionIds } from "./wire/session-ids.ts";

/** Bytes of a body that is of no use which are read, so that its connection can be used again. */
const MAX_DISCARDED = 64 * 1024;

/** A guard before one server, whatever carries requests to it and answers back. */
export class Gateway {
  readonly #configuration: GatewayConfiguration;
  readonly #upstream: Upstream;
  readonly #sessionIds: SessionIds;
  readonly #streams: StreamLimits;
  readonly #resource: ProtectedResource | undefined;
  /** Other demands hold by now. */
  #changed = false;

  /** @param sessionIds Default: those of the configuration's secrets. */
  constructor(configuration: GatewayConfiguration, upstream: Upstream, sessionIds?: SessionIds) {
    const { guard, secrets, limits, publicUrl } = configuration;
    this.#configuration = configuration;
    this.#upstream = upstream;
    const { audience, maxSessions } = guard.configuration;
    const audiences = audience ?? JSON.stringify(guard.verifier.configuration.audiences);
    this.#sessionIds = sessionIds ?? new SessionIds(secrets, maxSessions, audiences);
    this.#streams = new StreamLimits(limits);
    this.#resource = publicUrl && new ProtectedResource(publicUrl, upstream);
  }

  /** Largest body of a request, in bytes. */
  get maxBody(): number {
    return this.#configuration.guard.configuration.maxBody;
  }

  /** For how long the server and a reader may be silent, in milliseconds. */
  get idleMs(): number {
    return this.#configuration.idleMs;
  }

  /** Whether a path is that of OAuth's metadata of this resource. */
  hasMetadataAt(path: string): boolean {
    return this.#resource?.isAt(path) === true;
  }

  /** Answers one request. Rejects for nothing that a peer sent. */
  async handle(request: GatewayRequest): Promise<GatewayAnswer> {
    const { cors } = this.#configuration;
    if (!cors) return this.#handle(request);
    const { method, fields } = request;
    if (method === "OPTIONS") return { status: 204, headers: preflightFields(cors, fields), body: "" };
    const { status, headers, body } = await this.#handle(request);
    return { status, headers: { ...headers, ...corsFields(cors, fields) }, body };
  }

  async #handle(request: GatewayRequest): Promise<GatewayAnswer> {
    const { method, path } = request;
    const { publicUrl } = this.#configuration;
    if (this.#resource?.isAt(path)) return this.#resource.answer(method);
    if (publicUrl !== undefined && path !== publicUrl.pathname) return { status: 404, headers: {}, body: "" };
    if (!HttpGate.accepts(method)) return methodNotAllowed();
    const admitted = await admit(request, this.#configuration, this.#sessionIds);
    return "action" in admitted ? admitted : this.#forward(request, admitted);
  }

  /**
   * Ends the streams that stay open. Their clients open them again.
   *
   * @param changed Whether what agents may see has changed, of which they are notified first.
   */
  endStreams(changed = false): void {
    this.#changed ||= changed;
    this.#streams.endAll();
  }

  async close(): Promise<void> {
    this.#streams.endAll();
    await this.#upstream.close();
  }

  async #forward(request: GatewayRequest, admitted: Admitted): Promise<GatewayAnswer> {
    const { timeoutMs } = this.#configuration;
    const { sent, finding } = admitted;
    const { method } = request;
    const call = new CallEnd();
    const release = staysOpen(request, admitted) ? this.#streams.open(finding, call.end) : () => {};
    if (!release) return this.#refuseStream(admitted);
    request.call.onEnd(() => {
      call.end();
      release();
    });
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      call.end();
    }, timeoutMs);
    const attestation = finding.verified ? finding : undefined;
    try {
      const answer = await this.#upstream.send({ method, ...sent, call, attestation });
      clearTimeout(timer);
      return await this.#answer(request, admitted, answer, call);
    } catch (error) {
      // That an agent went away is no failure of the server.
      const gone = request.call.over && !late;
      return this.#fail(admitted, late ? "timeout" : "unreachable", { error, gone });
    } finally {
      clearTimeout(timer);
    }
  }

  async #answer(
    request: GatewayRequest,
    admitted: Admitted,
    answer: UpstreamAnswer,
    call: CallEnd,
  ): Promise<GatewayAnswer> {
    const { status } = answer;
    const type = headerOf(answer, "content-type")?.split(";", 1)[0]?.trim().toLowerCase();
    const isRequest = admitted.rpc?.kind === "request";
    if (status >= 300 && status < 400) {
      call.end();
      return this.#fail(admitted, "redirect", { status });
    }
    if (type === "text/event-stream" && status === 200) {
      const headers = this.#head(admitted, answer);
      return { status, headers, body: this.#events(request, admitted, answer, call) };
    }
    if (type === "application/json") return this.#json(request, admitted, answer, call);
    await this.#discard(answer, call);
    if (status >= 500) return this.#fail(admitted, "status", { status });
    if (status < 400 && isRequest)
      return this.#fail(admitted, type === undefined ? "no-answer" : "not-json", { status });
    if (status < 400 && request.method === "GET") return this.#fail(admitted, "not-json", { status });
    return this.#empty(admitted, answer);
  }

  #empty(admitted: Admitted, answer: UpstreamAnswer): GatewayAnswer {
    const { "content-type": _, ...headers } = this.#head(admitted, answer);
    return { status: answer.status, headers, body: "" };
  }

  /** The fields of an answer that is passed on; notes its session. */
  #head(admitted: Admitted, answer: UpstreamAnswer): Record<string, string> {
    const { status, headers } = answer;
    const given = headerOf(answer, "mcp-session-id");
    const sessionId = given === undefined ? undefined : this.#sessionIds.give(given, admitted.finding);
    admitted.answered(status, sessionId);
    const passed = answerFields(headers, { metadata: this.#resource?.metadata, cors: !this.#configuration.cors });
    if (sessionId !== undefined) passed["Mcp-Session-Id"] = sessionId;
    return Object.assign(passed, admitted.fields);
  }

  async #json(
    request: GatewayRequest,
    admitted: Admitted,
    answer: UpstreamAnswer,
    call: CallEnd,
  ): Promise<GatewayAnswer> {
    const { status } = answer;
    const { limits, idleMs, demands, hideUnmet } = this.#configuration;
    let pieces: readonly Uint8Array[] | undefined;
    try {
      pieces = await readBounded(answer, { bytes: limits.answer, idleMs, tooLong: call.end });
    } catch (error) {
      return this.#fail(admitted, "broke-off", { error, status, gone: request.call.over });
    }
    if (!pieces) {
      call.end();
      return this.#fail(admitted, "too-large", { status });
    }
    // Frameworks name a media type also where nothing follows: what asks for nothing was accepted.
    const asksForNothing = admitted.rpc !== undefined && admitted.rpc.kind !== "request";
    if (asksForNothing && status < 400 && pieces.length === 0) return this.#empty(admitted, answer);
    const json = readJson(pieces);
    if (!json) return this.#fail(admitted, "not-json", { status });
    // A refusal may come under no id.
    const { rpc } = admitted;
    if (rpc?.kind === "request" && status < 400 && !isAnswerTo(json.value, rpc.id)) {
      return this.#fail(admitted, "no-answer", { status });
    }
    const asked = this.#asked(admitted);
    const rewrite = (one: Record<string, unknown>) => this.#visible(admitted, one);
    const body = finishJson(demands && hideUnmet ? { ...asked, rewrite } : asked, json);
    return { status, headers: this.#head(admitted, answer), body };
  }

  #events(
    request: GatewayRequest,
    admitted: Admitted,
    { body }: UpstreamAnswer,
    call: CallEnd,
  ): AsyncIterable<Uint8Array> {
    const { idleMs } = this.#configuration;
    const { rpc } = admitted;
    let answered = rpc?.kind !== "request";
    const rewrite = (one: Record<string, unknown>) => {
      if (rpc?.kind === "request" && isAnswerTo(one, rpc.id)) answered = true;
      return this.#visible(admitted, one);
    };
    const filter = filterOf({ ...this.#asked(admitted), rewrite }, "text/event-stream");
    if (!filter) throw new Error("unreachable: event streams have a filter");
    return relayEvents(withIdleLimit(body, idleMs, call.end), filter, ({ resumable, whole, tooLarge }) => {
      if (tooLarge) return void this.#report("too-large", {});
      if (rpc === undefined && this.#changed) return LISTS_CHANGED;
      if (answered || request.call.over) return undefined;
      const reason = whole ? "no-answer" : "broke-off";
      this.#report(reason, {});
      // With event ids the agent asks for the rest; an answer of ours would be one too many.
      if (resumable || rpc?.kind !== "request") return undefined;
      return `event: message\ndata: ${failureMessage(rpc.id, reason)}\n\n`;
    });
  }

  /** What the filter of an answer knows. */
  #asked({ rpc, exchange }: Admitted): Asked {
    const { guard, limits } = this.#configuration;
    const request = rpc?.kind === "request" && exchange ? { id: rpc.id, exchange } : undefined;
    return { options: guard.answerOptions, request, maxEvent: limits.answer };
  }

  /** An answer without what the agent may not use. */
  #visible({ rpc, finding }: Admitted, answer: Record<string, unknown>): Record<string, unknown> {
    const { demands, hideUnmet } = this.#configuration;
    const { result } = answer;
    if (!demands || !hideUnmet || !isJsonObject(result)) return answer;
    const visible = visibleList(demands, finding, methodOf(rpc), result);
    return visible === result ? answer : { ...answer, result: visible };
  }

  /** Reads a body that is of no use, so that its connection can be used again. */
  async #discard(answer: UpstreamAnswer, call: CallEnd): Promise<void> {
    const limits = { bytes: MAX_DISCARDED, idleMs: this.#configuration.idleMs, tooLong: call.end };
    const read = await readBounded(answer, limits).catch(() => undefined);
    if (!read) call.end();
  }

  /** The answer in the place of one that the upstream failed to give. */
  #fail(
    { rpc, fields, answered }: Admitted,
    reason: FailureReason,
    { error, status, gone = false }: { readonly error?: unknown; readonly status?: number; readonly gone?: boolean },
  ): GatewayAnswer {
    if (!gone) this.#report(reason, { error, ...(status !== undefined && { status }) });
    // SDKs take a bare 5xx for a message that was not sent; an answer under its id tells the caller.
    if (rpc?.kind === "request") {
      answered(200, undefined);
      const headers = { ...fields, "Content-Type": "application/json" };
      return { status: 200, headers, body: failureMessage(rpc.id, reason) };
    }
    answered(502, undefined);
    return { status: 502, headers: fields, body: "" };
  }

  #refuseStream({ rpc, fields, answered }: Admitted): GatewayAnswer {
    this.#report("streams", {});
    answered(429, undefined);
    const id = rpc?.kind === "request" ? rpc.id : null;
    const headers = { ...fields, "Content-Type": "application/json", "Retry-After": "10" };
    return { status: id === null ? 429 : 200, headers, body: failureMessage(id, "streams") };
  }

  #report(reason: FailureReason, { error, status }: { readonly error?: unknown; readonly status?: number }): void {
    const code = systemCode(error);
    this.#configuration.onFailure({
      type: "upstream-failure",
      reason,
      ...(status !== undefined && { status }),
      ...(code !== undefined && { code }),
    });
  }
}

/** What is sent to agents on their sessions' streams when other demands hold: they ask for the lists again. */
const LISTS_CHANGED = ["tools", "prompts", "resources"]
  .map((list) => ({ jsonrpc: "2.0", method: `notifications/${list}/list_changed` }))
  .map((message) => `event: message\ndata: ${JSON.stringify(message)}\n\n`)
  .join("");

/** Whether an answer may stay open for as long as the agent wants. */
function staysOpen({ method }: GatewayRequest, { rpc }: Admitted): boolean {
  return method === "GET" || methodOf(rpc) === "subscriptions/listen";
}

import type { IncomingMessage } from "node:http";
import { type definitionProblem, META_PREFIX, type ReplayCache, type VerifierOptions } from "@attest/core";
import {
  AttestationGuard,
  type AttestedHandler,
  attestationOf,
  attestNodeHandler,
  attestServer,
  type GuardDecision,
  type GuardSession,
  type HandlerContext,
  type HttpRequest,
  type NodeHandler,
} from "@attest/mcp-server";
import type { Defences } from "../servers/http-server.ts";
import type { LostOnWire } from "../servers/settings.ts";
import { askedOnce } from "./asked-once.ts";
import { chainSabotages } from "./chain-sabotages.ts";
import { grantSabotages } from "./grant-sabotages.ts";
import type { Check, Facts, Replacement } from "./replacements.ts";

type Json = Record<string, unknown>;
type Decide = (message: unknown, session?: GuardSession, http?: HttpRequest) => Promise<GuardDecision>;
type Judge = typeof definitionProblem;

/** A server with one defence of its guard removed. */
export interface GuardSabotage {
  readonly removed: string;
  /** The attack that must catch it. */
  readonly meant: string;
  /** Default `sessions`: of the first SDK; `stateless`: of the second. */
  readonly server?: "sessions" | "stateless";
  /** Over stdio with the second SDK, in the place of HTTP: what the wire no longer sees to. */
  readonly lostOnWire?: LostOnWire;
  readonly replaces?: Readonly<Record<string, Replacement>>;
  readonly options?: (given: VerifierOptions) => Partial<VerifierOptions>;
  /** A guard that decides by other rules. */
  readonly check?: (real: Decide, guard: AttestationGuard) => Decide;
  readonly defences?: Partial<Defences>;
}

/** A guard with a decision of its own. */
export class SabotagedGuard extends AttestationGuard {
  readonly #check: GuardSabotage["check"];

  constructor(options: VerifierOptions, check: GuardSabotage["check"]) {
    super(options);
    this.#check = check;
  }

  override check(message: unknown, session?: GuardSession, http?: HttpRequest): Promise<GuardDecision> {
    const real: Decide = (...args) => super.check(...args);
    return (this.#check?.(real, this) ?? real)(message, session, http);
  }
}

/** Lets through, unlooked at, what `passes` says. */
const letThrough =
  (
    passes: (message: Json, session?: GuardSession, http?: HttpRequest) => boolean,
  ): NonNullable<GuardSabotage["check"]> =>
  (real) =>
  async (message, session, http) =>
    passes((message ?? {}) as Json, session, http) ? { action: "forward", message } : real(message, session, http);

const CONTEXT = `${META_PREFIX}context`;
const at = (value: unknown, ...path: string[]): unknown =>
  path.reduce<unknown>((inner, name) => (inner as Json | undefined)?.[name], value);
const has = (message: Json, ...path: string[]) => at(message, ...path) !== undefined;
const nothingPresented = (http?: HttpRequest) => http?.attestation === undefined;

/** A gate that does something else where `when` says so. */
const gateExcept =
  (when: (req: IncomingMessage) => boolean, otherwise: NodeHandler): Defences["gate"] =>
  (handler, guard) => {
    const real = attestNodeHandler(handler, guard);
    return async (req, res) => void (await (when(req) ? otherwise(req, res, { handler }, () => {}) : real(req, res)));
  };
const handlerOf = (passed: unknown) => (passed as { handler: NodeHandler }).handler;

async function textOf(req: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of req) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

/** A server whose own wrapper is gone, so that its gate stands alone. */
const gateAlone: Partial<Defences> = { attach: (server) => server };

const used = new Set<string>();
const forgetful: ReplayCache = { scope: "process", consume: ({ key }) => used.size < used.add(key).size };
let lastCaller: HandlerContext | undefined;

/** A server that reads the arguments of a call from the bytes once more, by rules of its own. */
function readAgain(rule: (text: string) => string): NonNullable<GuardSabotage["check"]> {
  return (real) => async (message, session, http) => {
    const decision = await real(message, session, http);
    if (decision.action !== "forward" || at(message, "params", "arguments") === undefined) return decision;
    const forwarded = decision.message as Json;
    const again = at(JSON.parse(rule(new TextDecoder().decode(http?.body))), "params", "arguments");
    return { ...decision, message: { ...forwarded, params: { ...(forwarded["params"] as Json), arguments: again } } };
  };
}

/** One for each defence of the guard that an attack is meant for. */
export const guardSabotages: readonly GuardSabotage[] = [
  {
    removed: "GET is guarded",
    meant: "session-eavesdropping",
    // The guarded server behind the gate verifies it too.
    defences: {
      ...gateAlone,
      gate: gateExcept(
        ({ method }) => method === "GET",
        (req, res, on) => handlerOf(on)(req, res, undefined, () => {}),
      ),
    },
  },
  {
    removed: "DELETE is guarded",
    meant: "session-teardown",
    // The guarded server behind the gate verifies it too.
    defences: {
      ...gateAlone,
      gate: gateExcept(
        ({ method }) => method === "DELETE",
        (req, res, on) => handlerOf(on)(req, res, undefined, () => {}),
      ),
    },
  },
  {
    removed: "other HTTP methods are refused",
    meant: "other-http-methods",
    defences: {
      ...gateAlone,
      gate: gateExcept(
        ({ method = "" }) => !["GET", "POST", "DELETE"].includes(method),
        async (req, res, on) => {
          req.method = "POST";
          return handlerOf(on)(req, res, JSON.parse(await textOf(req)), () => {});
        },
      ),
    },
  },
  {
    removed: "what cannot be read is answered",
    meant: "lax-reading",
    defences: {
      ...gateAlone,
      gate: (handler, guard) => {
        const real = attestNodeHandler(handler, guard);
        return async (req, res) => {
          const { method } = req;
          if (method !== "POST" || req.headers["agent-attestation"] !== undefined) return real(req, res);
          const text = await textOf(req);
          if (!text.startsWith("\uFEFF")) return void res.writeHead(400).end();
          return void (await handler(req, res, JSON.parse(text.slice(1)), () => {}));
        };
      },
    },
  },
  {
    removed: "batches are refused",
    meant: "batch",
    check: letThrough((message) => Array.isArray(message)),
    defences: gateAlone,
  },
  {
    removed: "a message is one thing only",
    meant: "ambiguous-message",
    // A guard that passes over what it takes for an answer, before a reader that takes it for a request.
    check: (real) => async (message, session, http) => {
      if (!has(message as Json, "method") || !has(message as Json, "result")) return real(message, session, http);
      const { result: _, ...request } = message as Json;
      return { action: "forward", message: request };
    },
    defences: gateAlone,
  },
  {
    removed: "notifications are guarded",
    meant: "unattested-notification",
    check: letThrough((message) => has(message, "method") && !has(message, "id")),
  },
  {
    removed: "only requests are open",
    meant: "open-name",
    check: letThrough(({ method }) => method === "ping" || method === "server/discover"),
  },
  {
    removed: "answers are guarded",
    meant: "forged-response",
    check: letThrough((message) => has(message, "result") && !has(message, "method")),
  },
  {
    removed: "unknown methods are guarded",
    meant: "side-doors",
    check: letThrough(({ method }) => typeof method === "string" && !/^(initialize|tools|notifications)/.test(method)),
  },
  {
    removed: "a proof for every request",
    meant: "session-without-credentials",
    check: letThrough((message, session, http) =>
      Boolean(session?.isOpen && nothingPresented(http) && has(message, "id") && has(message, "method")),
    ),
    defences: gateAlone,
  },
  {
    removed: "a session has an owner",
    meant: "session-theft",
    check: (real) => (message, _, http) => real(message, undefined, http),
    defences: gateAlone,
  },
  {
    removed: "an owner stays",
    meant: "session-takeover",
    check: (real, guard) => async (message, session, http) => {
      if (at(message, "method") !== "initialize" || !session?.isOpen) return real(message, session, http);
      const decision = await real(message, undefined, http);
      if (decision.action === "forward" && decision.attestation) {
        session.open(decision.attestation, guard.verifier.configuration.clock());
      }
      return decision;
    },
    defences: gateAlone,
  },
  {
    removed: "a proof names its session",
    meant: "session-swap",
    replaces: { checkProofSession: () => () => undefined },
  },
  {
    removed: "a proof names its access token",
    meant: "access-token-swap",
    replaces: { checkProofAccessToken: () => () => undefined },
  },
  {
    removed: "a proof names its HTTP method",
    meant: "proof-for-another-http-method",
    replaces: {
      checkProofDigest: (real: Check) => (facts: Facts) => {
        facts.proofClaims = { ...facts.proofClaims, htm: "POST" };
        return real(facts);
      },
    },
  },
  {
    removed: "one carrier for a message",
    meant: "two-carriers",
    replaces: {
      findCredentials: (real: (message: unknown, http: unknown) => unknown) => (message: unknown, http: unknown) =>
        real(message, http) ?? real(message, undefined),
    },
  },
  {
    removed: "a carrier for each profile",
    meant: "wrong-place",
    check: letThrough((message) =>
      has(message, "params", "capabilities", "experimental", "security.attestation", "token"),
    ),
  },
  {
    removed: "both eras are guarded",
    meant: "era-downgrade",
    server: "stateless",
    check: letThrough((message, _, http) =>
      Boolean(
        nothingPresented(http) &&
          has(message, "id") &&
          !has(message, "params", "_meta", "io.modelcontextprotocol/protocolVersion"),
      ),
    ),
    defences: gateAlone,
  },
  {
    removed: "marks are taken off before the guard",
    meant: "forged-context",
    check: letThrough((message) => has(message, "params", "_meta", CONTEXT)),
  },
  {
    removed: "only the guard's own mark is believed",
    meant: "forged-promotion",
    check: (real) => async (message, session, http) => {
      const decision = await real(message, session, http);
      const told = at(message, "params", "_meta", CONTEXT);
      if (decision.action !== "forward" || told === undefined) return decision;
      const params = at(decision.message, "params") as Json;
      const _meta = { ...(params["_meta"] as Json), [CONTEXT]: told };
      return { ...decision, message: { ...(decision.message as Json), params: { ...params, _meta } } };
    },
    defences: {
      ...gateAlone,
      demand: <H extends (...args: never[]) => unknown>(_: unknown, handler: AttestedHandler<H>) =>
        ((...args: unknown[]) => {
          const context = at(args.at(-1), "_meta", CONTEXT);
          if (at(context, "claims", "attestationMetadata", "safetyLevel") === "minimal") throw new Error("refused");
          return (handler as (...args: unknown[]) => unknown)(...args);
        }) as unknown as H,
    },
  },
  {
    removed: "an identity belongs to its message",
    meant: "identity-confusion",
    defences: {
      demand: <H extends (...args: never[]) => unknown>(_: unknown, handler: AttestedHandler<H>) =>
        (async (...args: unknown[]) => {
          lastCaller = args.at(-1) as HandlerContext;
          await new Promise((resolve) => setTimeout(resolve, 5));
          const agent = attestationOf(lastCaller);
          if (agent?.claims.attestationMetadata?.safetyLevel === "minimal") throw new Error("refused");
          return (handler as (...args: unknown[]) => unknown)(...args);
        }) as unknown as H,
    },
  },
  {
    removed: "a named definition is compared",
    meant: "definition-swapped",
    replaces: {
      definitionProblem:
        (real: Judge): Judge =>
        (call, demanded) =>
          call.toolDigest === undefined ? real(call, demanded) : undefined,
    },
  },
  {
    removed: "a definition must be named",
    meant: "definition-unnamed",
    replaces: {
      definitionProblem:
        (real: Judge): Judge =>
        (call, demanded) =>
          call.toolDigest === undefined ? undefined : real(call, demanded),
    },
  },
  {
    removed: "a demand for a definition is one for a signature",
    meant: "definition-without-signature",
    replaces: {
      callProblem: (real) => (demand: unknown, call: { finding: { proof?: string } }) =>
        call.finding.proof === "mac" ? undefined : real(demand, call),
    },
  },
  {
    removed: "a tool's own demand",
    meant: "safety-downgrade",
    defences: {
      demand: <H extends (...args: never[]) => unknown>(_: unknown, handler: AttestedHandler<H>) =>
        handler as unknown as H,
    },
  },
  {
    removed: "uses outlive their session",
    meant: "replay-after-goodbye",
    options: () => ({ replayCache: forgetful }),
    defences: {
      gate: (handler, guard) => {
        const real = attestNodeHandler(handler, guard);
        return async (req, res) => {
          await real(req, res);
          if (req.method === "DELETE") used.clear();
        };
      },
    },
  },
  {
    removed: "error responses are guarded over HTTP",
    meant: "forged-failure",
    check: letThrough((message) => has(message, "error")),
  },
  {
    removed: "open requests are small",
    meant: "dear-open-request",
    server: "stateless",
    check: letThrough(({ method }) => method === "ping" || method === "server/discover"),
    defences: gateAlone,
  },
  {
    removed: "exactly one credential after Bearer",
    meant: "second-credential",
    // A guard that takes a field of three words for no access token.
    check: (real) => (message, session, http) => {
      const { authorization, ...rest } = http ?? { method: "POST" };
      const words = authorization?.split(" ") ?? [];
      return real(message, session, words.length > 2 ? rest : http);
    },
    defences: gateAlone,
  },
  {
    removed: "what was digested is dispatched: numbers",
    meant: "wide-number",
    check: readAgain((text) => text.replace(/:(\d{16})(?=[,}])/g, ':"$1"')),
    defences: gateAlone,
  },
  {
    removed: "what was digested is dispatched: names",
    meant: "argument-named-twice",
    check: readAgain((text) => text.replace(/("amount":\d+),"amount":\d+/, "$1")),
    defences: gateAlone,
  },
  {
    removed: "no field of another server's leaves",
    meant: "relayed-refusal",
    replaces: { isOwnField: () => () => false },
  },
  {
    removed: "no error of another server's leaves",
    meant: "relayed-refusal",
    replaces: {
      finishAnswer: (real) => (options: unknown, exchange: unknown, answer: Json) =>
        has(answer, "error") ? answer : real(options, exchange, answer),
    },
  },
  {
    removed: "revocation is asked about in bearer sessions",
    meant: "bearer-session-after-revocation",
    options: askedOnce,
  },
  {
    removed: "a store that was emptied says so",
    meant: "replay-after-restart",
    options: () => {
      const own = new Set<string>();
      return { replayCache: { scope: "process", consume: ({ key }) => own.size < own.add(key).size } };
    },
  },
  {
    removed: "a demand holds for what is answered in its place",
    meant: "guarded-neighbours",
    defences: {
      // The server inside knows nothing of prompts and resources.
      attach: (server, guard) => {
        attestServer((server as unknown as { server: Parameters<typeof attestServer>[0] }).server, guard);
        return server;
      },
    },
  },
  { removed: "a task is its maker's", meant: "foreign-task", defences: { tasks: (store) => store } },
  {
    removed: "ids that were rounded are not repeated",
    meant: "rounded-id",
    replaces: { answerableId: () => (id: unknown) => id },
  },
  {
    removed: "GET and DELETE have no body",
    meant: "body-added",
    defences: {
      ...gateAlone,
      gate: (handler, guard) => {
        const real = attestNodeHandler(handler, guard);
        return async (req, res) => {
          if (req.method !== "DELETE") return real(req, res);
          // A gate that takes these to be without a body, whatever comes.
          await textOf(req);
          return real(Object.assign(req, { rawBody: new Uint8Array() }), res);
        };
      },
    },
  },
  { removed: "who cancels a request made it", meant: "foreign-cancellation", lostOnWire: "cancellations" },
  { removed: "the id of a request is its maker's", meant: "reused-request-id", lostOnWire: "request ids" },
  {
    removed: "a bearer attestation is used once",
    meant: "bearer-replay",
    replaces: { consumeToken: () => () => undefined },
  },
  {
    removed: "bearer attestations stay in their place",
    meant: "bearer-out-of-place",
    check: (real, guard) => async (message, session, http) => {
      const result = await guard.verifier.verify(http?.attestation, undefined);
      if (result.verified && result.profile === "bearer") return { action: "forward", message };
      return real(message, session, http);
    },
    defences: gateAlone,
  },
  ...grantSabotages,
  ...chainSabotages,
];

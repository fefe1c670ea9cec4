import {
  type Clock,
  createDelegation,
  createMacProof,
  createProof,
  DECLARED_VERSION,
  type DelegationOptions,
  encodeBase64url,
  type Feature,
  isAbsoluteUri,
  KeyPair,
  type Observer,
  optionError,
  type ProofRequest,
  possessionInput,
  possessionInput1,
  type Signer,
  type TokenFormat,
} from "@attest/core";
import { AgentTickets } from "./agent-tickets.ts";
import { askSource, noAttestation } from "./ask-source.ts";
import type { Attempts } from "./attempts.ts";
import type { AttestationSource } from "./attestation-source.ts";
import { type AttestingAgentOptions, configureAgent } from "./attesting-agent-options.ts";
import { coveredContext } from "./covered-context.ts";
import type { CredentialContext, Credentials, Refusal } from "./credentials.ts";
import { declareCapability } from "./declare.ts";
import { MadeCredentials } from "./made-credentials.ts";
import { ServerClock } from "./server-clock.ts";
import { timesOf } from "./token-times.ts";
import { ToolDefinitions } from "./tool-definitions.ts";

/** An attestation is renewed when this many seconds of it are left, or a third of its lifetime if that is less. */
const RENEW_BEFORE = 60;
/** After a source failed, a valid attestation is used this many seconds before the source is asked again. */
const SOURCE_COOLDOWN = 10;
/** In this part of its lifetime an attestation is kept, whatever a server says: a lie must not make the agent ask for more. */
const KEPT = 1 / 3;

interface Held {
  readonly token: string;
  /** `exp` by the authority's clock. The times below are by the agent's own, from when it got the attestation. */
  readonly exp: number;
  readonly lifetime: number;
  readonly obtainedAt: number;
  readonly keptUntil: number;
  readonly renewAt: number;
  readonly expiresAt: number;
}

/** What the agent has for one server. */
interface Relation {
  readonly signer: Promise<Signer>;
  readonly serverClock: ServerClock;
  readonly tickets: AgentTickets;
  held?: Held;
  renewal?: Promise<Held>;
  /** While what is held is still valid, the source is not asked for its successor before this time. */
  askAfter: number;
}

/**
 * The agent's side of attestation: its keys, its attestations and their renewal. Use one for an agent, with any number of
 * servers. It has a key of its own for each server, so that servers cannot recognise it by its key, unless you give it a
 * signer.
 *
 * @example
 * ```ts
 * import { AttestingAgent, httpSource } from "@attest/mcp-client";
 *
 * declare const readToken: () => Promise<string>; // the workload's own credential at the authority
 * const source = httpSource("https://authority.example/attestations", { credential: readToken });
 * const agent = new AttestingAgent({ source });
 * ```
 */
export class AttestingAgent {
  readonly #source: AttestationSource;
  readonly #signer: Signer | undefined;
  readonly #formats: readonly TokenFormat[];
  readonly #clock: Clock;
  readonly #observer: Observer | undefined;
  readonly #tickets: boolean;
  readonly #definitions: ToolDefinitions | undefined;
  readonly #relations = new Map<string, Relation>();

  /** @throws AttestationError `ERR_OPTION`. */
  constructor(options: AttestingAgentOptions) {
    const { source, signer, formats, clock, tickets, toolDefinition, observer } = configureAgent(options);
    this.#source = source;
    this.#signer = signer;
    this.#formats = formats;
    this.#clock = clock;
    this.#observer = observer;
    this.#tickets = tickets;
    this.#definitions = toolDefinition && new ToolDefinitions(toolDefinition);
  }

  /** Whether it was given a `toolDefinition`, which needs proofs: bearer attestations have none. */
  get namesDefinitions(): boolean {
    return this.#definitions !== undefined;
  }

  /** What this agent declares to use at a server (SPEC-4.33); an attestation is obtained first. @throws `ERR_SOURCE_UNAVAILABLE`. */
  async featuresFor(audience: string): Promise<readonly Feature[]> {
    const attestation = await this.#attestation(audience, this.#relationTo(audience));
    return [
      ...(this.#tickets ? (["tickets"] as const) : []),
      ...(attestation.includes("~") ? (["delegation"] as const) : []),
    ];
  }

  /**
   * Makes credentials for one use at one server, by a signature unless `context.tickets` lets a MAC do, and renews the attestation when it is
   * due. While a source is down, the attestation that is held is used until it expires. Where a message is sent again, give the same object
   * as `request`: the tool's definition is asked for once for it.
   *
   * @param audience The server's resource identifier. @param request What the proof is for. @param context What travels with
   * it, and whether tickets may be used.
   * @throws AttestationError `ERR_SOURCE_UNAVAILABLE`, and `ERR_OPTION` for a `toolDefinition` that is not of the tool that is called; and
   * what `toolDefinition` throws.
   */
  async credentialsFor(
    audience: string,
    request: ProofRequest,
    { tickets: use, ...context }: CredentialContext = {},
  ): Promise<Credentials> {
    const relation = this.#relationTo(audience);
    const { tickets, serverClock } = relation;
    const found = this.#attestation(audience, relation);
    const attestation = typeof found === "string" ? found : await found;
    const toolDigest = this.#definitions && (await this.#definitions.digestFor(request, audience));
    const signed = toolDigest !== undefined;
    const prepared = use && this.#tickets ? tickets.prepare(use, signed) : undefined;
    const making = prepared instanceof Promise ? await prepared : prepared;
    if (serverClock.unsettled) await serverClock.settle();
    const issuedAt = serverClock.now();
    const of = { attestation, audience, request, clock: () => issuedAt, ...coveredContext(context) };
    if (making?.ticket) {
      const proof = await createMacProof({ ticket: making.ticket, ...of });
      return new MadeCredentials({ attestation, proof, issuedAt, kind: "mac" }, making);
    }
    const signer = await relation.signer;
    const asked = making?.ask && { ticketKey: making.ask.epk };
    const proof = await createProof({ signer, ...asked, ...(signed && { toolDigest }), ...of });
    return new MadeCredentials({ attestation, proof, issuedAt, kind: "signature" }, making);
  }

  /**
   * Takes the answer to a message that the server let through, whatever its result. Call it for every answer that is not a refusal, where
   * credentials were made with `tickets`; for refusals call `learn`.
   *
   * @param audience The server's resource identifier. @param credentials What the message carried.
   * @param grant What the answer brought in the place of a grant: the value in its `_meta`, or the field as `readTicketField` read it.
   * Absent: none came.
   */
  settle(audience: string, credentials: Credentials, grant?: unknown): Promise<void> {
    return this.#relationTo(audience).tickets.settle(credentials, grant);
  }

  /**
   * Learns from a server's refusal, and says whether the request may be sent again with new credentials (SPEC-7.10).
   *
   * After `attestation_expired` the agent corrects its clock towards that server, and renews the attestation if it has
   * expired, or if the server did not send its time. If the server's time agrees with the clock, its replay store is
   * probably younger than the proof; then the next proof is made when that second has passed, at most 1.2 s later.
   *
   * @param audience The server's resource identifier. @param refusal What the server answered.
   * @param attempts The attempts to send this request, of which this was one.
   */
  learn(audience: string, refusal: Refusal, attempts: Attempts): boolean {
    const { advice, credentials, reason } = refusal;
    const relation = this.#relationTo(audience);
    const again = attempts.permit(reason, credentials.kind === "mac");
    relation.tickets.refuse(refusal, again);
    if (!again || reason !== "attestation_expired") return again;
    const { serverTime } = advice ?? {};
    const { held, serverClock } = relation;
    if (serverTime !== undefined && Number.isSafeInteger(serverTime)) {
      serverClock.learn(serverTime, credentials.issuedAt);
      if (held && held.exp > serverTime) return true;
    }
    const now = Math.floor(this.#clock());
    // By a clock that was set back meanwhile, it would be kept long after it has expired.
    if (held && (now >= held.keptUntil || now < held.obtainedAt)) delete relation.held;
    return true;
  }

  /**
   * Adds a new bearer attestation to the `params` of an `initialize`, for hosts that handle JSON themselves and call a
   * 0.1.0 server.
   *
   * @throws AttestationError `ERR_OPTION` if the source issues no bearer attestations, or the agent has a `toolDefinition`;
   * `ERR_SOURCE_UNAVAILABLE`.
   */
  async injectIntoInitialize(params: object, audience: string): Promise<object> {
    if (this.#definitions)
      throw optionError("toolDefinition", "needs proofs, and bearer attestations come without any");
    const { getBearerAttestation } = this.#source;
    if (!getBearerAttestation) throw optionError("source", "must have a getBearerAttestation function for bearer mode");
    const token = await askSource("bearer", this.#observer, (signal) =>
      getBearerAttestation.call(this.#source, { audience, signal }),
    );
    return declareCapability(params, {
      version: DECLARED_VERSION.bearer,
      token,
      supported_algorithms: ["EdDSA", "Ed25519"],
    });
  }

  /**
   * Delegates to a sub-agent, for one server: with the attestation that this agent holds for it, which is renewed first where that is due
   * (SPEC §21). The link is dated by the authority's clock: by `iat` of the attestation and the time since it arrived, so that a wrong clock
   * here shortens nothing. Authenticate the sub-agent before you call this; `delegatingSource` and `createDelegationHandler` are made of it.
   *
   * @returns The chain for the sub-agent.
   * @throws AttestationError `ERR_SOURCE_UNAVAILABLE` if this agent has no attestation itself, `ERR_OPTION` as `createDelegation`.
   */
  async delegate(
    options: Omit<DelegationOptions, "parent" | "signer" | "clock" | "audience"> & { readonly audience: string },
  ): Promise<string> {
    const relation = this.#relationTo(options.audience);
    const held = await this.#freshest(options.audience, relation);
    const passed = Math.max(0, Math.floor(this.#clock()) - held.obtainedAt);
    const signer = await relation.signer;
    return createDelegation({ ...options, parent: held.token, signer, clock: () => held.exp - held.lifetime + passed });
  }

  /** What is held, renewed if that is due; while the source is down, what is held is used until it expires. */
  async #freshest(audience: string, relation: Relation): Promise<Held> {
    const now = Math.floor(this.#clock());
    const { held } = relation;
    if (held && now < held.renewAt) return held;
    try {
      return await this.#renew(audience, relation);
    } catch (error) {
      if (held && now < held.expiresAt) return held;
      throw error;
    }
  }

  #relationTo(audience: string): Relation {
    const known = this.#relations.get(audience);
    if (known) return known;
    if (!isAbsoluteUri(audience))
      throw optionError(
        "audience",
        "must be an absolute URI, the same as the server's, such as https://bank.example/mcp",
      );
    const signer = this.#signer ? Promise.resolve(this.#signer) : KeyPair.generate();
    const [clock, observer] = [this.#clock, this.#observer];
    const tickets = new AgentTickets({ audience, signer, clock, observer });
    const relation: Relation = { signer, serverClock: new ServerClock(clock), tickets, askAfter: 0 };
    this.#relations.set(audience, relation);
    return relation;
  }

  /** What is held, without a promise: most messages find it there. */
  #attestation(audience: string, relation: Relation): string | Promise<string> {
    // A server's word about the time must not make the agent ask for more: a lifetime is counted from when it arrived.
    const now = Math.floor(this.#clock());
    const { held } = relation;
    if (held && now < Math.max(held.renewAt, Math.min(relation.askAfter, held.expiresAt))) return held.token;
    const renewal = this.#renew(audience, relation);
    if (!held || now >= held.expiresAt) return renewal.then(({ token }) => token);
    // What is held is still valid: no caller waits for its successor, and a source that is down is asked again later.
    renewal.catch(() => {
      relation.askAfter = now + SOURCE_COOLDOWN;
    });
    return held.token;
  }

  /** Asks for an attestation. All who need one meanwhile wait for the same answer. */
  #renew(audience: string, relation: Relation): Promise<Held> {
    relation.renewal ??= this.#obtain(audience, relation).finally(() => {
      delete relation.renewal;
    });
    return relation.renewal;
  }

  async #obtain(audience: string, relation: Relation): Promise<Held> {
    const signer = await relation.signer;
    const provePossession = async (challenge: string, authority?: string) => {
      const input = authority === undefined ? possessionInput1(challenge) : possessionInput(challenge, authority);
      return encodeBase64url(await signer.sign(input));
    };
    const token = await askSource("attestation", this.#observer, (signal) =>
      this.#source.getAttestation({ confirmationKey: signer.toJwk(), audience, provePossession, signal }),
    );
    const now = Math.floor(this.#clock());
    const times = timesOf(token, signer, this.#formats, now);
    if (!times)
      throw noAttestation("the source answered with something that is not an attestation for the agent's key");
    const { exp, lifetime } = times;
    const renewAt = now + lifetime - Math.min(RENEW_BEFORE, lifetime / 3);
    const keptUntil = now + lifetime * KEPT;
    const held = { token, exp, lifetime, obtainedAt: now, keptUntil, renewAt, expiresAt: now + lifetime };
    relation.held = held;
    return held;
  }
}

import {
  type AttestationClaims,
  AttestationError,
  assertObserver,
  type Clock,
  createProof,
  decodeAttestation,
  encodeBase64url,
  type IssuanceEvent,
  isAbsoluteUri,
  KeyPair,
  notify,
  type Observer,
  optionError,
  type Profile,
  type ProofRequest,
  possessionInput,
  refuseUnknownOptions,
  type Signer,
  systemClock,
  VERSION,
} from "@attest/core";
import type { AttestationSource } from "./attestation-source.ts";
import { declareCapability } from "./declare.ts";

/** An attestation is renewed when this many seconds of it are left, or a third of its life if that is less. */
const RENEW_BEFORE = 60;
/** A source has this long to answer, in milliseconds. */
const SOURCE_DEADLINE_MS = 10_000;
/** After a source failed, what is still good serves this many seconds before it is asked again. */
const SOURCE_COOLDOWN = 10;
/** In this part of its life an attestation is kept, whatever a server says: a lie must not make the agent ask for more. */
const KEPT = 1 / 3;
/** A server's clock is believed as far as this many seconds from one's own. */
const MAX_CLOCK_OFFSET = 86_400;

/** An attestation and the proof of one use. */
export interface Credentials {
  readonly attestation: string;
  readonly proof: string;
}

interface Held {
  readonly token: string;
  /** `exp` by the authority's clock. The times below are by the agent's own, from when it got the attestation. */
  readonly exp: number;
  readonly obtainedAt: number;
  readonly keptUntil: number;
  readonly renewAt: number;
  readonly expiresAt: number;
}

/** What the agent has for one server. */
interface Relation {
  readonly signer: Promise<Signer>;
  held?: Held;
  renewal?: Promise<Held>;
  /** Not before this time is the source asked for the successor of what is still good. */
  askAfter: number;
  /** Seconds by which the server's clock is ahead of this one, as it told. */
  clockOffset: number;
}

/**
 * The agent's side of attestation: its keys, its attestations and their renewal. One for an agent, for any number of
 * servers; it uses a key of its own for each, so that servers cannot tell it from others by its key, unless it is given a
 * signer.
 */
export class AttestingAgent {
  readonly #source: AttestationSource;
  readonly #signer: Signer | undefined;
  readonly #clock: Clock;
  readonly #observer: Observer | undefined;
  readonly #relations = new Map<string, Relation>();

  /**
   * @param options.source Where attestations come from. @param options.signer One key for all servers. Default: a new
   * Ed25519 key for each. @param options.clock Unix seconds. Default: the machine's. @param options.observer Told of each
   * attestation asked of the source, as an issuance.
   * @throws AttestationError `ERR_OPTION`.
   */
  constructor(options: { source: AttestationSource; signer?: Signer; clock?: Clock; observer?: Observer }) {
    refuseUnknownOptions(options, ["source", "signer", "clock", "observer"], "an agent");
    const { source, signer, clock = systemClock, observer } = options;
    if (typeof source?.getAttestation !== "function")
      throw optionError("source", "must have a getAttestation function");
    if (signer !== undefined && typeof signer.sign !== "function")
      throw optionError("signer", "must have a sign function");
    if (typeof clock !== "function") throw optionError("clock", "must be a function");
    assertObserver(observer);
    this.#source = source;
    this.#signer = signer;
    this.#clock = clock;
    this.#observer = observer;
  }

  /**
   * Makes credentials for one use at one server, renewing the attestation when it is due. While a source is down, what is
   * held serves until it expires.
   *
   * @throws AttestationError `ERR_SOURCE_UNAVAILABLE`.
   */
  async credentialsFor(
    audience: string,
    request: ProofRequest,
    context: { accessToken?: string; sessionId?: string } = {},
  ): Promise<Credentials> {
    const relation = this.#relationTo(audience);
    const attestation = await this.#attestation(audience, relation);
    const signer = await relation.signer;
    const clock = () => this.#now(relation);
    const proof = await createProof({ attestation, signer, audience, request, clock, ...context });
    return { attestation, proof };
  }

  /**
   * Learns that a server called credentials expired: corrects the clock towards that server, and renews the attestation
   * if that is what is over, or if the server did not tell its time.
   */
  learnExpired(audience: string, serverTime: number | undefined): void {
    const relation = this.#relationTo(audience);
    if (serverTime !== undefined && Number.isSafeInteger(serverTime)) {
      const offset = serverTime - Math.floor(this.#clock());
      relation.clockOffset = Math.abs(offset) <= MAX_CLOCK_OFFSET ? offset : 0;
      if (relation.held && relation.held.exp > serverTime) return;
    }
    const { held } = relation;
    const now = Math.floor(this.#clock());
    // By a clock that was set back meanwhile, it would be kept long after it is over.
    if (held && (now >= held.keptUntil || now < held.obtainedAt)) delete relation.held;
  }

  /**
   * Adds a fresh bearer attestation to the `params` of an `initialize`, for those who hold raw JSON and talk to a 0.1.0
   * server.
   *
   * @throws AttestationError `ERR_OPTION` if the source makes no bearer attestations, `ERR_SOURCE_UNAVAILABLE`.
   */
  async injectIntoInitialize(params: object, audience: string): Promise<object> {
    const { getBearerAttestation } = this.#source;
    if (!getBearerAttestation) throw optionError("source", "must have a getBearerAttestation function for bearer mode");
    const token = await this.#ask("bearer", (signal) => getBearerAttestation.call(this.#source, { audience, signal }));
    return declareCapability(params, { version: VERSION.bearer, token, supported_algorithms: ["EdDSA", "Ed25519"] });
  }

  #relationTo(audience: string): Relation {
    const known = this.#relations.get(audience);
    if (known) return known;
    if (!isAbsoluteUri(audience)) throw optionError("audience", "must be an absolute URI");
    const signer = this.#signer ? Promise.resolve(this.#signer) : KeyPair.generate();
    const relation: Relation = { signer, clockOffset: 0, askAfter: 0 };
    this.#relations.set(audience, relation);
    return relation;
  }

  async #attestation(audience: string, relation: Relation): Promise<string> {
    // A server's word about the time must not make the agent ask for more, so its life is counted from when it came.
    const now = Math.floor(this.#clock());
    const { held } = relation;
    if (held && now < Math.max(held.renewAt, Math.min(relation.askAfter, held.expiresAt))) return held.token;
    const renewal = this.#renew(audience, relation);
    if (!held || now >= held.expiresAt) return (await renewal).token;
    // What is held is still good: nobody waits for its successor, and a source that is down is asked again next time.
    renewal.catch(() => {
      relation.askAfter = now + SOURCE_COOLDOWN;
    });
    return held.token;
  }

  /** Asks for an attestation; whoever needs one meanwhile waits for the same answer. */
  #renew(audience: string, relation: Relation): Promise<Held> {
    relation.renewal ??= this.#obtain(audience, relation).finally(() => {
      delete relation.renewal;
    });
    return relation.renewal;
  }

  async #obtain(audience: string, relation: Relation): Promise<Held> {
    const signer = await relation.signer;
    const provePossession = async (challenge: string) => encodeBase64url(await signer.sign(possessionInput(challenge)));
    const token = await this.#ask("bound", (signal) =>
      this.#source.getAttestation({ confirmationKey: signer.toJwk(), audience, provePossession, signal }),
    );
    const claims = claimsFor(token, signer);
    const lifetime = claims.exp - claims.iat;
    const now = Math.floor(this.#clock());
    const renewAt = now + lifetime - Math.min(RENEW_BEFORE, lifetime / 3);
    const keptUntil = now + lifetime * KEPT;
    const held = { token, exp: claims.exp, obtainedAt: now, keptUntil, renewAt, expiresAt: now + lifetime };
    relation.held = held;
    return held;
  }

  /**
   * Asks the source within a deadline. What went wrong there stays there, since its words could hold a secret; an
   * `AttestationError` holds none (O1) and becomes the cause.
   */
  async #ask(profile: Profile, call: (signal: AbortSignal) => Promise<string>): Promise<string> {
    const started = performance.now();
    const report = (outcome: Pick<IssuanceEvent, "outcome" | "code">) =>
      notify(this.#observer, {
        type: "issuance",
        profile,
        duration: (performance.now() - started) / 1000,
        ...outcome,
      });
    const signal = AbortSignal.timeout(SOURCE_DEADLINE_MS);
    const aborted = new Promise<never>((_, reject) => {
      signal.addEventListener("abort", () => reject(new Error("No answer within the deadline")), { once: true });
    });
    try {
      const token = await Promise.race([call(signal), aborted]);
      report({ outcome: "issued" });
      return token;
    } catch (error) {
      report({ outcome: "failed", code: "ERR_SOURCE_UNAVAILABLE" });
      const cause = error instanceof AttestationError ? { cause: error } : {};
      throw new AttestationError(
        "ERR_SOURCE_UNAVAILABLE",
        "No attestation can be had from the source at the moment",
        cause,
      );
    }
  }

  #now({ clockOffset }: Relation): number {
    return Math.floor(this.#clock()) + clockOffset;
  }
}

/** The claims of a source's answer, if that is an attestation for this key: any other would only be refused later. */
function claimsFor(token: string, signer: Signer): AttestationClaims {
  try {
    const { claims } = decodeAttestation(token);
    const own = signer.toJwk();
    const { x, y } = claims?.cnf?.jwk ?? {};
    if (claims && x === own.x && y === own.y) return claims;
  } catch {
    // Told below, as every answer that is of no use.
  }
  throw new AttestationError("ERR_SOURCE_UNAVAILABLE", "The source answered with no attestation for the agent's key");
}

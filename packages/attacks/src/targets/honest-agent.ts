import {
  AttestationError,
  type Clock,
  createProof,
  decodeAttestation,
  KeyPair,
  optionError,
  type PublicJwk,
  type Signer,
  systemClock,
} from "@attest/core";
import type { Occasion, PresentedCredentials } from "./message.ts";

/** An attestation is renewed when fewer seconds than this are left of it. */
const RENEW_BEFORE = 45;

/** A SPIFFE trust domain that the target is configured with for the tests, for `spiffeJwtSvid` and `wimseWit`. */
export interface TrustDomainCredentials {
  readonly name: string;
  /** The key that the target has of it for JWT-SVIDs (`use: "jwt-svid"`). */
  readonly svidKey: Signer;
  /** The key that the target has of it for WITs (`use: "wit-svid"`). */
  readonly witKey: Signer;
}

/** An enterprise that the target trusts for the tests, as `enterprise` and with `nested: true`. */
export interface EnterpriseCredentials {
  /** The name by which the target trusts it. */
  readonly issuer: string;
  /** The key that the target has of it. */
  readonly signer: Signer;
  /** A trust domain that it may attest. */
  readonly trustDomain: string;
}

/** A status list of the authority, as a tester knows it. */
export interface StatusListCredentials {
  /** Its URI, one of the authority's `statusLists` at the target. */
  readonly uri: string;
  /** An index that is revoked in it. */
  readonly revoked: number;
  /** Another list that the target has configured, for another issuer than the authority. */
  readonly ofAnother?: string;
  /** Its server, where it is the tester's own and serves this test alone. */
  readonly server?: ListServerCredentials;
}

/** The server of a status list, in the tester's hand, and the time of the target that fetches from it. */
export interface ListServerCredentials {
  /** The target's time, by which it judges lists. Unix seconds. */
  now(): number;
  /** Answers with this from now on; with an error for `undefined`. */
  serve(token: string | undefined): void;
  /** Lets time pass for the target. `stands`: while its clock stands still. */
  pass(seconds: number, clock?: "runs" | "stands"): void;
}

/** What the tester has: the means of an honest agent, and what else there is to attack with. */
export interface AttackCredentials {
  /** Obtains an attestation for a key, as the honest agent would. */
  attest?(ask: { readonly confirmationKey: PublicJwk; readonly audience?: string }): Promise<string>;
  /** The honest agent's key. Default, where `attest` is given: a new one. */
  readonly signer?: Signer;
  /** An attestation for that key, where `attest` is not given. It must outlive the run. */
  readonly attestation?: string;
  /**
   * A key of the authority that the target trusts and the tester owns: a lab key registered for the test. With it
   * attestations are made that are signed as they should be and wrong otherwise. `attest` must be of the same issuer, and
   * may sign with another key of its: an authority that rotates its keys hands out the one of the moment, which must stay
   * published for the run.
   */
  readonly authority?: Signer;
  /** The public key of the authority. Default: that of `authority`. */
  readonly issuerKey?: PublicJwk;
  /** Obtains a 0.1.0 bearer attestation; only for a target that accepts them. */
  attestBearer?(ask: { readonly audience: string }): Promise<string>;
  /** A SPIFFE trust domain of the tester's own; only for a target that accepts its JWT-SVIDs and WITs. */
  readonly trustDomain?: TrustDomainCredentials;
  /** A status list that the target has configured for the authority. What `attest` obtains must be valid in it. */
  readonly statusList?: StatusListCredentials;
  /** An enterprise of the tester's own; only for a target that trusts it, and the authority as `provider`. */
  readonly enterprise?: EnterpriseCredentials;
  /** The target accepts chains of delegations with up to four links (`maxDelegationDepth: 4`). Default false. */
  readonly delegation?: boolean;
  /** A secret of the target's ticket ring, the tester's own (`tickets: { ring }`): with it tickets are made whose keys are known. */
  readonly ring?: Uint8Array;
  /** Has the target take an attestation for revoked. Only attestations that were made for one attack are revoked. */
  revoke?(attestation: string): Promise<void> | void;
  /** Unix seconds. Default: the machine's. */
  readonly clock?: Clock;
}

const KNOWN: readonly string[] = [
  "attest",
  "signer",
  "attestation",
  "authority",
  "issuerKey",
  "attestBearer",
  "trustDomain",
  "statusList",
  "enterprise",
  "delegation",
  "ring",
  "revoke",
  "clock",
] satisfies (keyof AttackCredentials)[];

/** The honest agent: proves what it is asked to, and holds an attestation that is good at the moment. */
export class HonestAgent {
  /** The target's resource identifier. */
  readonly audience: string;
  /** The time that proofs are dated by, Unix seconds. */
  readonly clock: Clock;
  /** What the tester gave it. */
  readonly means: AttackCredentials;
  #signer: Promise<Signer> | undefined;
  #held: { readonly token: string; readonly renewAt: number } | undefined;

  /** @throws AttestationError `ERR_OPTION`. */
  constructor(audience: string, means: AttackCredentials) {
    if (typeof means !== "object" || means === null) throw optionError("credentials", "must be an object");
    const unknown = Object.keys(means).find((name) => !KNOWN.includes(name));
    if (unknown !== undefined) throw optionError(`credentials.${unknown}`, "is not a credential");
    const { attest, attestation, signer, clock = systemClock } = means;
    if (attest === undefined && (attestation === undefined || signer === undefined)) {
      throw optionError("credentials", "must have `attest`, or both `attestation` and `signer`");
    }
    if (attest !== undefined && attestation !== undefined) {
      throw optionError("credentials", "must have either `attest` or `attestation`");
    }
    this.audience = audience;
    this.clock = clock;
    this.means = means;
  }

  /** The agent's key. */
  signer(): Promise<Signer> {
    this.#signer ??= this.means.signer ? Promise.resolve(this.means.signer) : KeyPair.generate();
    return this.#signer;
  }

  /** An attestation of the agent's key that is good for a while. */
  async attestation(): Promise<string> {
    const { attest, attestation } = this.means;
    if (attestation !== undefined) return attestation;
    const now = Math.floor(this.clock());
    if (this.#held && now < this.#held.renewAt) return this.#held.token;
    const confirmationKey = (await this.signer()).toJwk();
    const token = await attest?.({ confirmationKey, audience: this.audience });
    const { claims } = decodeAttestation(token ?? "");
    if (token === undefined || !claims) {
      throw new AttestationError("ERR_SOURCE_UNAVAILABLE", "The honest agent's attestation is malformed");
    }
    this.#held = { token, renewAt: claims.exp - RENEW_BEFORE };
    return token;
  }

  /** The honest credentials for one occasion. */
  async credentialsFor(occasion: Occasion): Promise<PresentedCredentials> {
    const attestation = await this.attestation();
    return { attestation, proof: await this.prove(occasion, attestation) };
  }

  /** An honest proof, as this agent or another would make it. */
  async prove(
    occasion: Pick<Occasion, "request" | "sessionId" | "accessToken">,
    attestation: string,
    options: { readonly signer?: Signer; readonly audience?: string; readonly ticketKey?: string } = {},
  ): Promise<string> {
    const { request, sessionId, accessToken } = occasion;
    return createProof({
      attestation,
      signer: options.signer ?? (await this.signer()),
      audience: options.audience ?? this.audience,
      request,
      clock: this.clock,
      ...(sessionId !== undefined && { sessionId }),
      ...(accessToken !== undefined && { accessToken }),
      ...(options.ticketKey !== undefined && { ticketKey: options.ticketKey }),
    });
  }
}

import { decodeAttestation, digest, KeyPair, messageDigest, type Signer, TYP } from "@attest/core";
import { signToken, type TokenPart } from "../forge/sign-token.ts";
import type { Occasion } from "../targets/message.ts";
import type { Scene } from "./scene.ts";

export type Json = Record<string, unknown>;

/** How a proof of the attacker's differs from the honest one. */
export interface ProofChanges {
  /** Default: the honest agent's key. */
  readonly signer?: Signer;
  readonly audience?: string;
  readonly header?: (header: Json) => TokenPart;
  readonly claims?: (claims: Json) => TokenPart;
}

/** How an attestation of the attacker's differs from the honest one. */
export interface AttestationChanges {
  readonly header?: (header: Json) => TokenPart;
  readonly claims?: (claims: Json) => TokenPart;
}

/**
 * What an attacker stands before: one message, the honest attestation that it imitates or misuses, and the tools to make
 * others of it. Every tool signs for real; none asks whether the result makes sense.
 */
export class Situation {
  readonly scene: Scene;
  readonly occasion: Occasion;
  /** The honest agent's attestation. */
  readonly attestation: string;
  /** Its header and claims, as they are on the wire. */
  readonly header: Json;
  readonly claims: Json;
  /** The honest agent's key. */
  readonly signer: Signer;

  private constructor(scene: Scene, occasion: Occasion, attestation: string, signer: Signer) {
    const { header, payload } = decodeAttestation(attestation);
    this.scene = scene;
    this.occasion = occasion;
    this.attestation = attestation;
    this.header = { ...header };
    this.claims = structuredClone(payload);
    this.signer = signer;
  }

  static async of(scene: Scene, occasion: Occasion): Promise<Situation> {
    return new Situation(scene, occasion, await scene.agent.attestation(), await scene.agent.signer());
  }

  get now(): number {
    return Math.floor(this.scene.agent.clock());
  }

  /** The tester's authority, by which the target is deceived from within. */
  get authority(): Signer {
    const { authority } = this.scene.agent.means;
    if (!authority) throw new TypeError("The attack did not say that it needs an authority");
    return authority;
  }

  /** An attestation signed by the tester's authority, under the name of its key, which need not be the honest one's. */
  minted({ header = (h) => h, ...changes }: AttestationChanges): Promise<string> {
    const signer = this.authority;
    const named = (h: Json) => header({ ...h, alg: signer.algorithm, kid: signer.kid });
    return this.forged({ signer, header: named, ...changes });
  }

  /** An attestation with the honest one's header and claims, signed by another key: by default a new one of the attacker's. */
  async forged({
    signer,
    header = (h) => h,
    claims = (c) => c,
  }: AttestationChanges & { readonly signer?: Signer } = {}): Promise<string> {
    const key = signer ?? (await KeyPair.generate());
    return signToken(header({ ...this.header }), claims(structuredClone(this.claims)), (data) => key.sign(data));
  }

  /** A proof for this occasion. */
  async prove(attestation: string, changes: ProofChanges = {}): Promise<string> {
    const {
      signer = this.signer,
      audience = this.scene.target.audience,
      header = (h) => h,
      claims = (c) => c,
    } = changes;
    const parts = [
      header({ alg: signer.algorithm, typ: TYP.proof }),
      claims(await this.proofClaims(attestation, audience)),
    ] as const;
    return signToken(...parts, (data) => signer.sign(data));
  }

  /** An honest proof's claims, to be changed. */
  async proofClaims(attestation: string, audience: string): Promise<Json> {
    const { request, sessionId, accessToken } = this.occasion;
    const covered =
      request.kind === "http"
        ? { htm: request.method, body_digest: await digest(request.body ?? new Uint8Array()) }
        : { mcp_digest: await messageDigest(request) };
    return {
      aud: audience,
      jti: crypto.randomUUID(),
      iat: this.now,
      att_hash: await digest(attestation),
      ...covered,
      ...(sessionId !== undefined && { session: sessionId }),
      ...(accessToken !== undefined && { ath: await digest(accessToken) }),
    };
  }
}

import { createHash, createHmac } from "node:crypto";
import { importVerificationKey, messageDigest, type ProofRequest, type Signer } from "@attest/core";
import { sealTicket, type TicketContent } from "../forge/seal-ticket.ts";
import type { Scene } from "./scene.ts";

/** How a MAC proof of the attacker's differs from the honest one. */
export interface MacChanges {
  /** Whose key the ticket is for. Default: the honest agent's. */
  readonly holder?: Signer;
  readonly content?: Partial<TicketContent>;
  /** The key of the MAC, if it is not the ticket's. */
  readonly key?: Uint8Array;
  /** In the place of a ticket that the target's ring seals. */
  readonly seal?: (content: TicketContent) => string;
  readonly iat?: number;
  readonly jti?: string;
}

/** What a MAC proof is for. */
export interface MacSubject {
  readonly request: ProofRequest;
  readonly sessionId?: string | undefined;
  readonly accessToken?: string | undefined;
}

const hash = (data: string | Uint8Array) => createHash("sha256").update(data).digest("base64url");

/** A MAC proof under a ticket of the tester's own, whose key he knows: what he could not know is for `changes` to say. */
export async function macProof(
  scene: Scene,
  attestation: string,
  { request, sessionId, accessToken }: MacSubject,
  changes: MacChanges = {},
): Promise<string> {
  const { ring, audience } = { ring: scene.agent.means.ring, audience: scene.target.audience };
  if (!ring) throw new TypeError("The attack did not say that it needs a ring");
  const now = Math.floor(scene.agent.clock());
  const holder = changes.holder ?? (await scene.agent.signer());
  const { thumbprint } = await importVerificationKey(holder.toJwk());
  const key = crypto.getRandomValues(new Uint8Array(32));
  const content = { key, thumbprint, audience, expiresAt: now + 300, ...changes.content };
  const ticket = changes.seal ? changes.seal(content) : sealTicket(ring, content);
  const { iat = now, jti = crypto.randomUUID() } = changes;
  const digest = request.kind === "http" ? hash(request.body ?? new Uint8Array()) : await messageDigest(request);
  const lines = [
    "io.github.attest/mac/1",
    hash(ticket),
    hash(attestation),
    audience,
    iat,
    jti,
    request.kind === "http" ? `http ${request.method}` : "mcp",
    digest,
    sessionId === undefined ? "-" : `+${sessionId}`,
    accessToken === undefined ? "-" : `+${hash(accessToken)}`,
  ];
  const mac = createHmac("sha256", changes.key ?? content.key)
    .update(lines.join("\n"))
    .digest("base64url");
  return ["mac1", ticket, iat, jti, digest, mac].join("~");
}

import {
  type AttestationContext,
  AttestationError,
  type AttestationErrorCode,
  type DelegationLink,
  type Layer,
  type ProofKind,
  type Reason,
  type TrustLevel,
} from "@attest/core";
import { attestationOf, type HandlerContext } from "@attest/mcp-server";

/** One tool call of one agent: what the bank could show to anyone who asks who did this. */
export interface CallRecord {
  readonly type: "call";
  readonly tool: string;
  readonly outcome: "served" | "refused" | "failed";
  readonly trustLevel: TrustLevel;
  readonly subject?: string;
  readonly issuer?: string;
  /** The agent's own key: the same identity on two machines has two. */
  readonly keyThumbprint?: string;
  /** What bound the call to the attestation: a signature, which convinces others too, or a MAC. */
  readonly proof?: ProofKind;
  /** Who delegated to whom, and what for, down to the sub-agent that called. */
  readonly delegation?: readonly DelegationLink[];
  /** What each authority says, from the outermost, where there are several statements in one attestation. */
  readonly layers?: readonly Pick<Layer, "issuer" | "subject" | "trustLevel">[];
  /** Why it was refused. */
  readonly reason?: Reason;
  readonly code?: AttestationErrorCode;
}

/** Where the records go. */
export type Audit = (record: CallRecord) => void;

/** A handler that is recorded with every call, whatever comes of it. Put it around what `requireAttestation` returns. */
// biome-ignore lint/suspicious/noExplicitAny: parameters of every handler form of both SDKs
export function audited<H extends (...args: any[]) => unknown>(tool: string, audit: Audit, handler: H): H {
  const recorded = async (...args: unknown[]): Promise<unknown> => {
    const agent = attestationOf(args.at(-1) as HandlerContext);
    try {
      const answer = await handler(...args);
      audit(recordOf(tool, "served", agent));
      return answer;
    } catch (error) {
      if (error instanceof AttestationError) {
        const { code, reason } = error;
        audit({ ...recordOf(tool, "refused", agent), code, ...(reason && { reason }) });
      } else audit(recordOf(tool, "failed", agent));
      throw error;
    }
  };
  return recorded as H;
}

function recordOf(tool: string, outcome: CallRecord["outcome"], agent: AttestationContext | undefined): CallRecord {
  if (!agent) return { type: "call", tool, outcome, trustLevel: "none" };
  const { trustLevel, subject, issuer, keyThumbprint, proof, delegation, layers } = agent;
  return {
    type: "call",
    tool,
    outcome,
    trustLevel,
    subject,
    issuer,
    ...(keyThumbprint !== undefined && { keyThumbprint }),
    proof,
    ...(delegation && { delegation }),
    ...(layers.length > 1 && {
      layers: layers.map((layer) => ({ issuer: layer.issuer, subject: layer.subject, trustLevel: layer.trustLevel })),
    }),
  };
}

import type { VerificationEvent } from "@attest/core";
import { describe, expect, it } from "vitest";
import type { AgentProfile, FeedEntry } from "../src/shared/feed.ts";
import { advance, initialState } from "../src/web/feed-store.ts";

const aurora: AgentProfile = {
  name: "Aurora",
  description: "",
  subject: "spiffe://example.com/model/aurora-2",
  issuer: "https://models.example",
};
const stranger: AgentProfile = { name: "Stranger", description: "" };

/** The state after these events, one a second. */
function after(...events: FeedEntry["event"][]) {
  return events
    .map((event, i): FeedEntry => ({ id: i + 1, at: i * 1000, source: "server 1", event }))
    .reduce(advance, initialState([aurora, stranger]));
}

const verification = (outcome: "verified" | "refused", remembered = false): VerificationEvent => ({
  type: "verification",
  outcome,
  policy: "required",
  trustLevel: outcome === "verified" ? "provider" : "none",
  remembered,
  duration: 0.0005,
  ...(outcome === "refused" && { reason: "attestation_replay", code: "ERR_REPLAY" }),
});

describe("an agent's card", () => {
  it("follows the agent from connecting to verified, and forgets an old reason", () => {
    const refused = { type: "agent", name: "Aurora", state: "refused", reason: "attestation_expired" } as const;
    const verified = { type: "agent", name: "Aurora", state: "verified", trustLevel: "provider" } as const;
    expect(after().agents[0]).toMatchObject({ state: "connecting" });
    expect(after(refused).agents[0]).toMatchObject({ state: "refused", reason: "attestation_expired", refused: 1 });
    const { agents } = after(refused, verified);
    expect(agents[0]).toMatchObject({ state: "verified", trustLevel: "provider" });
    expect(agents[0]).not.toHaveProperty("reason");
    expect(agents[1]).toMatchObject({ state: "connecting" });
  });

  it("counts the calls of its subject, by what the bank recorded", () => {
    const { subject = "" } = aurora;
    const call = { type: "call", tool: "transfer", trustLevel: "provider", subject } as const;
    const { agents } = after(
      { ...call, outcome: "served" },
      { ...call, outcome: "served" },
      { ...call, outcome: "refused" },
      { ...call, outcome: "served", subject: "spiffe://example.com/model/other" },
    );
    // A page that came late learns from this that it is verified.
    expect(agents[0]).toMatchObject({ state: "verified", trustLevel: "provider" });
    expect(agents[0]).toMatchObject({ served: 2, refused: 1, last: { tool: "transfer", outcome: "refused" } });
  });
});

describe("a revoked agent's card", () => {
  const revocation = { type: "revocation", name: "Aurora", by: "authority" } as const;
  const refused = { type: "agent", name: "Aurora", state: "refused", reason: "attestation_revoked" } as const;

  it("says when it was revoked and since when it is refused for it, and nothing more once it is back", () => {
    const revoked = { ...revocation, action: "revoked" } as const;
    expect(after(refused).agents[0]).not.toHaveProperty("revocation");
    expect(after(refused, revoked).agents[0]?.revocation).toEqual({ at: 1000 });
    const { agents, lines } = after(revoked, { ...refused, reason: "attestation_replay" }, refused, refused);
    expect(agents[0]?.revocation).toEqual({ at: 0, refusedSince: 2000 });
    expect(lines.at(-1)?.text).toBe("Its authority revoked Aurora");
    expect(after(revoked, refused, { ...revocation, action: "reinstated" }).agents[0]).not.toHaveProperty("revocation");
  });
});

describe("a sub-agent's card", () => {
  const { subject = "", issuer = "" } = aurora;
  const reader: AgentProfile = { ...aurora, name: "Reader", delegation: { by: "Aurora", name: "reader" } };
  const link = { name: "reader", keyThumbprint: "k".repeat(43), expiresAt: 1, allow: { tools: ["get_balance"] } };
  const call = { type: "call", tool: "get_balance", trustLevel: "provider", subject, issuer } as const;
  const both = (...events: FeedEntry["event"][]) =>
    events
      .map((event, i): FeedEntry => ({ id: i + 1, at: i * 1000, source: "server 1", event }))
      .reduce(advance, initialState([aurora, reader]));

  it("has what came by its name, which its parent's card has not, and the chain that the bank verified", () => {
    const { agents, lines } = both(
      { ...call, outcome: "served", delegation: [link] },
      { ...call, outcome: "served" },
      { ...call, outcome: "served", delegation: [link, { ...link, name: "helper" }] },
    );
    expect(agents.map(({ served, chain }) => [served, chain])).toEqual([
      [1, undefined],
      [1, [link]],
    ]);
    expect(lines.map(({ text }) => text)).toEqual([
      "aurora-2 → reader → helper used get_balance",
      "aurora-2 used get_balance",
      "aurora-2 → reader used get_balance",
    ]);
  });

  it("has what the bank turned away at the door, as the sub-agent tells it", () => {
    const attempt = { type: "attempt", tool: "transfer", reason: "attestation_claims_insufficient" } as const;
    const { agents, lines } = both({ ...attempt, name: "Reader" });
    expect(agents.map(({ refused, last }) => [refused, last?.tool])).toEqual([
      [0, undefined],
      [1, "transfer"],
    ]);
    expect(lines[0]?.text).toBe("Reader may not use transfer: the ID is genuine, but not enough for this tool");
  });

  it("has the layers of a nested attestation, as the bank trusts each", () => {
    const layers = [
      { issuer: "https://sso.corp.example", subject: "spiffe://corp.example/agent/7", trustLevel: "enterprise" },
      { issuer, subject, trustLevel: "provider" },
    ] as const;
    expect(both({ ...call, outcome: "served", layers }).agents[0]?.layers).toEqual(layers);
  });
});

describe("proofs and tickets", () => {
  const { subject = "" } = aurora;
  const verified = { ...verification("verified", true), subject };

  it("counts what bound each request of an agent, and says it with every call and refusal", () => {
    const { agents, lines } = after(
      { ...verified, proof: "signature" },
      { ...verified, proof: "mac" },
      { ...verified, proof: "mac" },
      { type: "call", tool: "transfer", outcome: "served", trustLevel: "provider", subject, proof: "mac" },
      { ...verification("refused"), proof: "signature" },
    );
    expect(agents[0]?.proofs).toEqual({ signature: 1, mac: 2, none: 0 });
    expect(lines.map(({ proof }) => proof)).toEqual(["signature", "mac"]);
  });

  it("measures MACs apart from signatures", () => {
    const { timings } = after({ ...verified, proof: "mac" }, { ...verified, proof: "signature" });
    expect(timings.map(({ kind }) => kind)).toEqual(["mac", "remembered"]);
  });

  it("shows what is granted, refused, and sent once more", () => {
    const { lines } = after(
      { type: "ticket", action: "granted", issuer: "https://models.example" },
      { ...verification("refused"), reason: "attestation_ticket_refused", code: "ERR_TICKET_UNKNOWN", proof: "mac" },
      { type: "ticket", action: "fallback", reason: "attestation_ticket_refused" },
    );
    expect(lines.map(({ kind, text, reason, code }) => [kind, text, reason, code])).toEqual([
      [
        "ticket",
        "server 1 sends the request once more, signed: the bank wants this request signed, since it does not know its ticket",
        "attestation_ticket_refused",
        undefined,
      ],
      [
        "ticket",
        "The bank refused a ticket, and wants the request signed",
        "attestation_ticket_refused",
        "ERR_TICKET_UNKNOWN",
      ],
      [
        "ticket",
        "The bank granted an agent of models.example a ticket: MACs will do in the place of signatures for a while",
        undefined,
        undefined,
      ],
    ]);
  });
});

describe("the page", () => {
  it("says why something was refused, in words and by code, newest first", () => {
    const { lines } = after(verification("refused"), {
      type: "call",
      tool: "transfer",
      outcome: "refused",
      trustLevel: "enterprise",
      subject: "spiffe://a/model/clerk",
      reason: "attestation_claims_insufficient",
      code: "ERR_DEMAND",
    });
    expect(lines.map(({ text, code }) => [text, code])).toEqual([
      ["clerk may not use transfer: the ID is genuine, but not enough for this tool", "ERR_DEMAND"],
      ["Turned away at the door: this proof was used before", "ERR_REPLAY"],
    ]);
  });

  it("measures full and remembered verifications apart, in milliseconds", () => {
    const { timings } = after(verification("verified"), verification("verified", true), verification("refused"));
    expect(timings.map(({ kind, took }) => [kind, took])).toEqual([
      ["full", 0.5],
      ["remembered", 0.5],
      ["refused", 0.5],
    ]);
  });

  it("counts what was issued, verified and refused, and attacks that were blocked", () => {
    const attack = { type: "attack", id: "token-replay", name: "Token replay" } as const;
    const { totals } = after(
      {
        type: "issuance",
        outcome: "issued",
        format: "attestation",
        profile: "bound",
        issuer: "https://models.example",
        duration: 0,
      },
      {
        type: "issuance",
        outcome: "failed",
        format: "attestation",
        profile: "bound",
        issuer: "https://models.example",
        duration: 0,
      },
      verification("verified"),
      verification("refused"),
      { type: "demand", outcome: "refused", code: "ERR_DEMAND", reason: "attestation_claims_insufficient" },
      { ...attack, phase: "launched" },
      { ...attack, phase: "blocked" },
    );
    expect(totals).toEqual({ issued: 1, verified: 1, refused: 2, attacks: 1 });
  });

  it("counts nothing twice when a stream that reconnects repeats itself", () => {
    const entry: FeedEntry = { id: 7, at: 0, source: "server", event: verification("verified") };
    const once = advance(initialState([]), entry);
    expect(advance(once, entry)).toBe(once);
  });

  it("keeps a bounded past", () => {
    const { lines, timings } = after(...Array.from({ length: 2000 }, () => verification("refused")));
    expect(lines).toHaveLength(150);
    expect(timings).toHaveLength(600);
  });
});

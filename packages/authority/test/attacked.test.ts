import { attackAuthority } from "@attest/attacks";
import { InMemoryReplayCache } from "@attest/core";
import { describe, expect, it, vi } from "vitest";
import type { AuthorityOptions, EvidenceVerifier } from "../src/index.ts";
import { Asking, AUDIENCE, OTHER_SECRET, SECRET } from "./asking.ts";
import { START } from "./platform.ts";

const lost = vi.hoisted(() => ({ possession: false }));
vi.mock("../src/possession/check-possession.ts", async (original) => {
  const real = (await original()) as { checkPossession(...args: unknown[]): Promise<void> };
  return {
    ...real,
    checkPossession: async (...args: unknown[]) => (lost.possession ? undefined : real.checkPossession(...args)),
  };
});

const attack = async (options: Partial<AuthorityOptions> = {}, more: object = {}) => {
  const { authority, address } = await Asking.start(options);
  const fetch = (input: string | URL | Request, init?: RequestInit) => authority.fetch(new Request(input, init));
  return attackAuthority({ url: address, credential: () => SECRET, fetch, ...more });
};
const outcomes = async (...args: Parameters<typeof attack>) =>
  Object.fromEntries((await attack(...args)).map(({ id, outcome }) => [id, outcome]));

describe("the attack suite for authorities", () => {
  it("breaches nothing of this one, by its default rule or another (A1, A2, A3)", async () => {
    expect((await attack()).filter(({ outcome }) => outcome !== "blocked")).toEqual([]);
    const other = { rule: "other", audience: AUDIENCE, credential: () => OTHER_SECRET };
    expect((await attack({}, other)).filter(({ outcome }) => outcome !== "blocked")).toEqual([]);
  });

  it("catches the loss of possession", async () => {
    lost.possession = true;
    try {
      expect(await outcomes()).toMatchObject({ "stolen-evidence": "breached", "relayed-possession": "breached" });
    } finally {
      lost.possession = false;
    }
  });

  it.each<[string, string, Partial<AuthorityOptions>]>([
    ["the authority's own address", "relayed-possession", { acceptPossession1: true }],
    [
      "a challenge's single use",
      "replayed-challenge",
      {
        replayCache: Object.assign(new InMemoryReplayCache({ clock: () => START - 3600 }), {
          ready: async () => {},
          consume: async () => true as const,
        }),
      },
    ],
    ["the evidence's verification", "no-evidence", { evidence: { desk: believing() } }],
  ])("catches the loss of %s by %s", async (_, id, options) => {
    expect((await outcomes(options))[id]).toBe("breached");
  });

  it("shows nothing where the honest request is refused", async () => {
    await expect(attack({}, { credential: () => "a-secret-of-nobody-whatsoever" })).rejects.toThrow(
      "The honest request was refused",
    );
    await expect(attack({}, { url: "https://authority.example/" })).rejects.toThrow(/^url must/);
    await expect(attack({}, { credential: SECRET })).rejects.toThrow(/^credential must/);
  });
});

/** Evidence of whoever says anything. */
function believing(): EvidenceVerifier {
  return {
    kind: "secret",
    identifies: true,
    verify: async ({ credential = "" }) => ({ subject: "aurora", claims: {}, handle: credential.slice(0, 5) }),
  };
}

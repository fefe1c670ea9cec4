import { type AttestationVerifier, KeyPair } from "@attest/core";
import { beforeEach, describe, expect, it } from "vitest";
import { countSignatures } from "./counted-signatures.ts";
import { codeOf, createDelegationScene, type Delegated, type DelegationScene } from "./delegation-scene.ts";

let scene: DelegationScene;
beforeEach(async () => {
  scene = await createDelegationScene(() => 1_800_000_000);
});

const cut = (text: string) => `${text.slice(0, -4)}AAAA`;

describe("the cost of a chain, in signatures", () => {
  let verifier: AttestationVerifier;
  let signatures: ReturnType<typeof countSignatures>;
  beforeEach(() => {
    verifier = scene.verifier();
    signatures = countSignatures();
  });
  const cost = async (by: Delegated, outcome: string) => {
    signatures.take();
    expect(codeOf(await scene.use(verifier, by))).toBe(outcome);
    return signatures.take();
  };

  it.each([1, 2, 3, 4])(
    "of %d links is one for each, the root and the proof, and then one (SPEC-21.12)",
    async (links) => {
      const last = await scene.chain(links);
      expect(await cost(last, "verified")).toBe(links + 2);
      expect(await cost(last, "verified")).toBe(1);
    },
  );

  it("is that of its new links only, where the others are known (SPEC-21.12)", async () => {
    const parent = await scene.chain(2);
    await cost(parent, "verified");
    expect(await cost(await scene.delegate(parent), "verified")).toBe(2);
    expect(await cost(await scene.root(), "verified")).toBe(2);
  });

  it("is one for a forger who knows the root, and two for one who does not (SPEC-21.12)", async () => {
    const last = await scene.chain(3);
    const [root, ...links] = last.chain.split("~");
    const forged = { ...last, chain: [root, cut(links[0] as string), ...links.slice(1)].join("~") };
    // The forged first link is another text, so the second does not follow it.
    expect(await cost(forged, "ERR_DELEGATION_PARENT")).toBe(0);
    const alone = { ...last, chain: `${root}~${cut(links[0] as string)}` };
    expect(await cost(alone, "ERR_DELEGATION_SIGNATURE")).toBe(2);
    expect(await cost(alone, "ERR_DELEGATION_SIGNATURE")).toBe(1);
    await cost(last, "verified");
    expect(await cost(alone, "ERR_DELEGATION_SIGNATURE")).toBe(1);
  });

  it("of a chain that somebody saw is paid once, and then one for each false proof (SPEC-21.12)", async () => {
    const last = await scene.chain(4);
    const thief = { chain: last.chain, key: await KeyPair.generate() };
    expect(await cost(thief, "ERR_PROOF_SIGNATURE")).toBe(6);
    for (let i = 0; i < 3; i++) expect(await cost(thief, "ERR_PROOF_SIGNATURE")).toBe(1);
    expect(await cost(last, "verified")).toBe(1);
  });

  it("of longer and longer forgeries of a chain that was seen is one each (SPEC-21.12)", async () => {
    const last = await scene.chain(3);
    await cost(last, "verified");
    const [root, ...links] = last.chain.split("~");
    for (let i = 1; i <= 3; i++) {
      const forged = [root, ...links.slice(0, i - 1), cut(links[i - 1] as string)].join("~");
      expect(await cost({ ...last, chain: forged }, "ERR_DELEGATION_SIGNATURE")).toBe(1);
    }
  });

  it("is nothing for garbage in the place of links (SPEC-21.6)", async () => {
    const last = await scene.chain(1);
    const [root, link = ""] = last.chain.split("~");
    const garbage: [string, string][] = [
      [`${root}~x`, "ERR_DELEGATION_FORMAT"],
      [`${root}~${link}~${link}`, "ERR_DELEGATION_PARENT"],
      [`${root}~${root}`, "ERR_DELEGATION_HEADER"],
      [`${root}~${link}~a~b~c~d`, "ERR_DELEGATION_NOT_ALLOWED"],
      [`${root}~${"a".repeat(6144)}`, "ERR_ATTESTATION_SIZE"],
    ];
    for (const [chain, code] of garbage) expect(await cost({ ...last, chain }, code)).toBe(0);
  });

  it("leaves other agents' links in the cache, however many links one agent makes (D8, SPEC-21.12, R5)", async () => {
    verifier = scene.verifier({ maxCachedAttestations: 40 });
    const other = await scene.authority.attest({ confirmationKey: (await KeyPair.generate()).toJwk() });
    expect(other).toBeTypeOf("string");
    const strangerKey = await KeyPair.generate();
    const stranger = {
      chain: await scene.authority.attest({ confirmationKey: strangerKey.toJwk() }),
      key: strangerKey,
    };
    const honest = await scene.chain(1, stranger);
    await cost(honest, "verified");
    const root = await scene.root();
    const first = await scene.delegate(root);
    await cost(first, "verified");
    for (let i = 0; i < 50; i++) await cost(await scene.delegate(root), "verified");
    expect(await cost(honest, "verified")).toBe(1);
    // Its own oldest ones made room.
    expect(await cost(first, "verified")).toBe(2);
  });
});

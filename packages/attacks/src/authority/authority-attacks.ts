import { decodeBase64url, encodeBase64url, KeyPair, possessionInput, possessionInput1 } from "@attest/core";
import type { AuthorityAnswer, AuthorityWire } from "./authority-wire.ts";

/** One attack on an authority. */
export interface AuthorityAttack {
  readonly id: string;
  /** What is tried, as a sentence. */
  readonly description: string;
  /** What an authority must answer: codes of its problems, any of them. */
  readonly expected: readonly string[];
  /** Each try by what it is. An answer with an attestation is a breach. */
  run(wire: AuthorityWire): Promise<Readonly<Record<string, AuthorityAnswer>>>;
}

const text = (value: string) => new TextEncoder().encode(value);
const SMALL_ORDER = `AQ${"A".repeat(41)}`;

/** Every attack on an authority, in the order in which they are run. Each needs evidence that would be admitted. */
export const authorityAttacks: readonly AuthorityAttack[] = [
  {
    id: "stolen-evidence",
    description: "Evidence without the key: the challenge is signed by another one than is to be attested",
    expected: ["possession_not_proved"],
    async run(wire) {
      const prover = await KeyPair.generate();
      return {
        "another key signs": await wire.ask({ prover }),
        "nothing is signed": await wire.ask({ input: () => new Uint8Array() }),
      };
    },
  },
  {
    id: "relayed-possession",
    description: "A proof of possession that was made for another authority",
    expected: ["possession_not_proved"],
    async run(wire) {
      const other = "https://authority.invalid/attestations";
      return {
        "another authority's address": await wire.ask({ input: (challenge) => possessionInput(challenge, other) }),
        "no address": await wire.ask({ input: possessionInput1 }),
        "the challenge alone": await wire.ask({ input: text }),
      };
    },
  },
  {
    id: "replayed-challenge",
    description: "A challenge that was used, was made for another key, or was made up",
    expected: ["challenge_unknown", "invalid_request"],
    async run(wire) {
      const used = await wire.challenge();
      const [prover, other] = [await KeyPair.generate(), await KeyPair.generate()];
      await wire.ask({ challenge: used, prover });
      const forAnother = await wire.challenge({ confirmation_key: other.toJwk() });
      const guessed = encodeBase64url(crypto.getRandomValues(new Uint8Array(57)));
      const altered = Uint8Array.from(decodeBase64url(await wire.challenge()) ?? []);
      altered[8] = (altered[8] ?? 0) ^ 0x40;
      return {
        used: await wire.ask({ challenge: used }),
        "for another key": await wire.ask({ challenge: forAnother }),
        guessed: await wire.ask({ challenge: guessed }),
        "with a later expiry": await wire.ask({ challenge: encodeBase64url(altered) }),
      };
    },
  },
  {
    id: "no-evidence",
    description: "No evidence, evidence that was altered, or two credentials in one field",
    expected: ["unauthenticated", "not_admitted", "invalid_request"],
    async run(wire) {
      const good = await wire.credential();
      const last = good.at(-1) === "A" ? "B" : "A";
      return {
        none: await wire.send("", { body: "{}", credential: undefined }),
        altered: await wire.ask({ credential: `${good.slice(0, -2)}${last}${last}` }),
        "two in one": await wire.ask({ credential: `${good} ${good}` }),
      };
    },
  },
  {
    id: "other-rule",
    description: "A rule that does not exist, and an identity other than the rule's",
    expected: ["not_admitted", "identity_not_registered", "challenge_unknown"],
    async run(wire) {
      const identity = { model_family: "other", model_version: "other-1", provider: "other" };
      return {
        "an unknown rule": await wire.ask({ body: (body) => ({ ...body, rule: "attest-no-such-rule" }) }),
        "another identity": await wire.ask({ body: (body) => ({ ...body, identity }) }),
      };
    },
  },
  {
    id: "poisoned-key",
    description: "Keys that anybody can sign with, that are symmetric, or that come with their private half",
    expected: ["key_not_accepted", "invalid_request"],
    async run(wire) {
      const pair = await KeyPair.generate();
      const withKey = (key: object) => wire.ask({ signer: pair, body: (body) => ({ ...body, confirmation_key: key }) });
      return {
        "of small order": await withKey({ kty: "OKP", crv: "Ed25519", x: SMALL_ORDER }),
        symmetric: await withKey({ kty: "oct", k: encodeBase64url(new Uint8Array(32)) }),
        "with its private half": await withKey(await pair.toPrivateJwk()),
        "of another curve": await withKey({ kty: "OKP", crv: "X25519", x: pair.toJwk().x }),
      };
    },
  },
  {
    id: "body-games",
    description: "Bodies that two readers would read differently, or that are too large",
    expected: ["invalid_request", "too_large"],
    async run(wire) {
      const twice = (body: Record<string, unknown>) => {
        const written = JSON.stringify(body);
        return `{"rule":"a",${JSON.stringify("confirmation_key")}:{},${written.slice(1)}`;
      };
      return {
        "a member twice": await wire.ask({ body: twice }),
        "an unknown member": await wire.ask({ body: (body) => ({ ...body, subject: "spiffe://example.com/admin" }) }),
        "a lifetime of its own": await wire.ask({ body: (body) => ({ ...body, lifetime: 3600 }) }),
        "too large": await wire.ask({ body: (body) => `${JSON.stringify(body)}${" ".repeat(70_000)}` }),
        "not JSON": await wire.send("", { body: "confirmation_key=1" }),
      };
    },
  },
  {
    id: "other-methods",
    description: "Other methods than POST",
    expected: ["method_not_allowed", "not_found"],
    async run(wire) {
      return { GET: await wire.send("", { method: "GET" }), PUT: await wire.send("", { method: "PUT" }) };
    },
  },
  {
    id: "exchange-without-key",
    description: "A token exchange that proves no key",
    expected: ["invalid_request", "possession_not_proved", "key_not_accepted", "not_found", "rule_required"],
    async run(wire) {
      const form = new URLSearchParams({
        grant_type: "urn:ietf:params:oauth:grant-type:token-exchange",
        subject_token: await wire.credential(),
        subject_token_type: "urn:ietf:params:oauth:token-type:jwt",
        ...wire.form,
      }).toString();
      const headers = { "Content-Type": "application/x-www-form-urlencoded" };
      const exchange = (more: Record<string, string>) =>
        wire.send("/../token", { body: form, credential: undefined, headers: { ...headers, ...more } });
      return { "without DPoP": await exchange({}), "with nonsense": await exchange({ DPoP: "a.b.c" }) };
    },
  },
];

import { decodeBase64url, KeyPair, type PublicJwk, TYP } from "@attest/core";
import type { Attack } from "../attack.ts";
import { layKeyBait } from "../forge/key-bait.ts";
import { malleate } from "../forge/malleate.ts";
import { signToken } from "../forge/sign-token.ts";
import { planned, presentation, presented } from "../stage/define-attack.ts";
import { bare, each, minted, proved, rewritten, selfMade } from "../stage/forgers.ts";
import { type Json, Situation } from "../stage/situation.ts";
import type { Answer } from "../targets/answer.ts";

const INVALID = ["attestation_invalid"] as const;

/** No signatures at all, or not the authority's. */
export const signatureAttacks: readonly Attack[] = [
  presented(
    {
      id: "alg-none",
      name: "Unsigned by its own word",
      category: "forgery",
      threat: "T1",
      attacker: "has nothing but a public attestation to copy",
      description: "An attestation whose header says that it is not signed, in every spelling of `none`",
      defence: "an exact list of algorithms, asked before any key",
      expected: INVALID,
    },
    {
      ...each({ none: "none", None: "None", NONE: "NONE", nOnE: "nOnE" }, (alg) =>
        selfMade((s) => ({ header: { ...s.header, alg }, sign: () => new Uint8Array() })),
      ),
      "none, with 64 bytes where a signature is": selfMade((s) => ({
        header: { ...s.header, alg: "none" },
        sign: () => new Uint8Array(64),
      })),
    },
  ),
  presented(
    {
      id: "hmac-confusion",
      name: "The public key as a password",
      category: "forgery",
      threat: "T2",
      attacker: "has the authority's public key, as everybody may",
      description: "An attestation with an HMAC in the place of a signature, keyed with the authority's public key",
      defence: "keys are typed when they are imported; there is no HMAC to be chosen",
      expected: INVALID,
      needs: ["issuer-key"],
    },
    each(
      {
        "HS256, the key's bytes": { alg: "HS256", bytes: rawOf },
        "HS512, the key's bytes": { alg: "HS512", bytes: rawOf },
        "HS512, the key as JWK": { alg: "HS512", bytes: (jwk: PublicJwk) => utf8(JSON.stringify(jwk)) },
        "HS512, the key as it stands in the JWK": { alg: "HS512", bytes: ({ x = "" }: PublicJwk) => utf8(x) },
      },
      ({ alg, bytes }) =>
        selfMade((s) => ({
          header: { ...s.header, alg },
          sign: (data) => hmac(alg === "HS256" ? "SHA-256" : "SHA-512", bytes(issuerKey(s)), data),
        })),
    ),
  ),
  presented(
    {
      id: "algorithm-mismatch",
      name: "Another algorithm's name",
      category: "confusion",
      threat: "T2",
      attacker: "is an authority that the server trusts",
      description: "A good signature under the name of an algorithm that is not its own, or not of the profile",
      defence: "`alg` is the profile's, the issuer's and the key's, to the letter",
      expected: INVALID,
      needs: ["authority"],
    },
    each(
      { EdDSA: "EdDSA", ES256: "ES256", ed25519: "ed25519", RS256: "RS256", "": "" },
      (alg) => async (s) =>
        alg === s.authority.algorithm ? undefined : minted({ header: (header) => ({ ...header, alg }) })(s),
    ),
  ),
  presented(
    {
      id: "missing-signature",
      name: "No signature, no key",
      category: "forgery",
      threat: "T3",
      attacker: "has nothing but a public attestation to copy",
      description:
        "An attestation without a signature, or under a key that nobody has, in the hope that none is no failure",
      defence: "an absent key or signature is an error, never “unsigned”",
      expected: INVALID,
    },
    {
      "no signature": selfMade(() => ({ sign: () => new Uint8Array() })),
      "64 zero bytes": selfMade(() => ({ sign: () => new Uint8Array(64) })),
      "two parts instead of three": rewritten("attestation", (token) => token.slice(0, token.lastIndexOf("."))),
      "a `kid` that no key has": selfMade((s) => ({ header: { ...s.header, kid: "no-such-key" } })),
      "no `kid`": selfMade(({ header: { kid: _, ...header } }) => ({ header })),
    },
  ),
  presented(
    {
      id: "embedded-key",
      name: "A key of its own in the header",
      category: "forgery",
      threat: "T4",
      attacker: "has a key of its own",
      description: "An attestation that brings the key by which it is to be verified, as `jwk` or `x5c`",
      defence: "no header member but `typ`, `alg` and `kid` is taken",
      expected: INVALID,
    },
    {
      jwk: selfMade((s, own) => ({ header: { ...s.header, jwk: own.toJwk() } })),
      "jwk, and no `kid`": selfMade(({ header: { kid: _, ...header } }, own) => ({
        header: { ...header, jwk: own.toJwk() },
      })),
      x5c: selfMade((s, own) => ({ header: { ...s.header, x5c: [btoa(String.fromCharCode(...rawOf(own.toJwk())))] } })),
    },
  ),
  planned(
    {
      id: "remote-key",
      name: "A key from elsewhere",
      category: "forgery",
      threat: "T5",
      attacker: "has a key of its own, and a place that the server can reach",
      description: "An attestation that names a place where the key to verify it is to be fetched, as `jku` or `x5u`",
      defence: "no header member but `typ`, `alg` and `kid` is taken, and nothing a token names is ever fetched",
      expected: INVALID,
    },
    async (scene) => {
      const own = await KeyPair.generate();
      const bait = await layKeyBait([own.toJwk()]);
      scene.atEnd(() => bait.close());
      return {
        control: () => scene.honest(),
        attempts: () =>
          Promise.all(
            ["jku", "x5u"].map(async (member) => {
              const occasion = await scene.occasion();
              const s = await Situation.of(scene, occasion);
              const attestation = await s.forged({
                signer: own,
                header: (header) => ({ ...header, kid: own.kid, [member]: bait.url }),
                claims: (claims) => ({ ...claims, cnf: { jwk: bare(own) } }),
              });
              const credentials = { attestation, proof: await s.prove(attestation, { signer: own }) };
              const send = async (): Promise<Answer> => {
                const answer = await occasion.present(credentials);
                return bait.taken ? { outcome: "served", text: `the target fetched what ${member} names` } : answer;
              };
              return { ...presentation(member, occasion, credentials), send };
            }),
          ),
      };
    },
  ),
  presented(
    {
      id: "kid-injection",
      name: "A `kid` that says more",
      category: "confusion",
      threat: "T6",
      attacker: "can name a key as it likes",
      description: "A `kid` that is a path, a query, a pattern or a name every object has",
      defence: "a `kid` is an opaque name, matched to the letter within its issuer's keys",
      expected: INVALID,
    },
    each(
      {
        "a path": (kid) => `../${kid}`,
        "a path that leads back": (kid) => `./x/../${kid}`,
        "a query": (kid) => `${kid}' OR '1'='1`,
        "a pattern": () => ".*",
        "an encoded character": (kid) => `${kid}%00`,
        "a NUL at the end": (kid) => `${kid}\u0000`,
        "a space at the end": (kid) => `${kid} `,
        "a name that every object has": () => "__proto__",
        another: () => "constructor",
        nothing: () => "",
      } as Record<string, (kid: string) => string>,
      (alter) =>
        // With the authority's own key, where there is one: then nothing but the name is wrong.
        async (s) => {
          const header = (h: Json) => ({ ...h, kid: alter(String(h["kid"])) });
          return s.scene.agent.means.authority
            ? minted({ header })(s)
            : selfMade(() => ({ header: header(s.header) }))(s);
        },
    ),
  ),
  presented(
    {
      id: "malleable-attestation",
      name: "Another signature of the same",
      category: "tampering",
      threat: "K1",
      attacker: "recorded an attestation, and holds the key inside it",
      description: "An attestation whose signature was altered by the curve's order, which a lax reader still accepts",
      defence: "one canonical signature for a statement: S below the order",
      expected: INVALID,
    },
    { "S + L": rewritten("attestation", (token) => (algOf(token) === "Ed25519" ? malleate(token) : undefined)) },
  ),
  presented(
    {
      id: "malleable-proof",
      name: "Another signature of the same proof",
      category: "tampering",
      threat: "K1",
      attacker: "recorded a request on its way",
      description: "A proof whose signature was altered by the curve's order, so that it looks unused",
      defence: "one canonical signature for a statement: S below the order",
      expected: ["attestation_proof_invalid"],
    },
    { "S + L": rewritten("proof", (token) => (algOf(token) === "Ed25519" ? malleate(token) : undefined)) },
  ),
  presented(
    {
      id: "unsigned-proof",
      name: "Unsigned proof",
      category: "proof",
      threat: "T1",
      attacker: "stole an attestation, without the key inside it",
      description: "A proof that says that it is not signed, or is not",
      defence: "a proof's algorithm is that of the key in the attestation",
      expected: ["attestation_proof_invalid"],
    },
    {
      ...each({ none: "none", None: "None" }, (alg) => async (s: Situation) => ({
        attestation: s.attestation,
        proof: await unsignedProof(s, alg),
      })),
      "no signature": rewritten("proof", (token) => token.slice(0, token.lastIndexOf(".") + 1)),
      "64 zero bytes": rewritten("proof", (token) => `${token.slice(0, token.lastIndexOf(".") + 1)}${"A".repeat(86)}`),
    },
  ),
  presented(
    {
      id: "proof-algorithm",
      name: "A proof by another algorithm's name",
      category: "confusion",
      threat: "T2",
      attacker: "holds an honest attestation and the key inside it",
      description: "A good proof under the name of an algorithm that is not its key's",
      defence: "a proof's algorithm is that of the key in the attestation, to the letter",
      expected: ["attestation_proof_invalid"],
    },
    each(
      { EdDSA: "EdDSA", ES256: "ES256", HS256: "HS256" },
      (alg) => async (s) =>
        alg === s.signer.algorithm ? undefined : proved({ header: (header) => ({ ...header, alg }) })(s),
    ),
  ),
];

async function unsignedProof(s: Situation, alg: string): Promise<string> {
  const claims = await s.proofClaims(s.attestation, s.scene.target.audience);
  return signToken({ alg, typ: TYP.proof }, claims, () => new Uint8Array());
}

function issuerKey({ scene }: Situation): PublicJwk {
  const { issuerKey, authority } = scene.agent.means;
  const key = issuerKey ?? authority?.toJwk();
  if (!key) throw new TypeError("The attack did not say that it needs the issuer's key");
  return key;
}

async function hmac(hash: string, secret: Uint8Array<ArrayBuffer>, data: Uint8Array): Promise<Uint8Array> {
  const key = await crypto.subtle.importKey("raw", secret, { name: "HMAC", hash }, false, ["sign"]);
  return new Uint8Array(await crypto.subtle.sign("HMAC", key, new Uint8Array(data)));
}

function rawOf({ x = "" }: PublicJwk): Uint8Array<ArrayBuffer> {
  return new Uint8Array(decodeBase64url(x) ?? []);
}

function utf8(text: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(new TextEncoder().encode(text));
}

function algOf(token: string): unknown {
  const header = decodeBase64url(token.slice(0, token.indexOf(".")));
  return (JSON.parse(new TextDecoder().decode(header ?? new Uint8Array())) as Json)["alg"];
}

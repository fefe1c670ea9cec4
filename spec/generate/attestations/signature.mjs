// The signature, of both algorithms.
import { agent, authority, ISSUER, stranger, VERIFIER } from "../common/baseline.mjs";
import { base64url, bigEndian } from "../common/bytes.mjs";
import { BY_P256 } from "../common/changes.mjs";
import { bitFlipped, derOf, swapped, UNSAFE_R, withFirst, withS, withSecond, zeros } from "../common/signatures.mjs";
import { es256Key, L, N, withNeutralR, withTorsion } from "../common/test-keys.mjs";

/** A key of the authority's that is no multiple of the base point. */
const mixedAuthority = withTorsion("authority", authority);
export const mixedKey = { ...VERIFIER, keys: { ...VERIFIER.keys, [ISSUER]: { keys: [mixedAuthority.jwk] } } };

export function addCases({ bad }) {
  bad("signed by a stranger", ["T3"], "ERR_ATTESTATION_SIGNATURE", { key: stranger });
  bad("signed by its own agent", ["T3", "T4"], "ERR_ATTESTATION_SIGNATURE", { key: agent });
  bad("a signature of zeros", ["T3", "K2"], "ERR_ATTESTATION_SIGNATURE", { signature: zeros });
  bad("a signature of ones", ["T3", "K1"], "ERR_ATTESTATION_SIGNATURE", { signature: () => Buffer.alloc(64, 255) });
  bad("a signature with one bit flipped", ["T3"], "ERR_ATTESTATION_SIGNATURE", { signature: bitFlipped });
  bad("its halves swapped in the signature", ["T3"], "ERR_ATTESTATION_SIGNATURE", { signature: swapped });
  bad("signed before it was altered", ["T3"], "ERR_ATTESTATION_SIGNATURE", {
    token: (t) =>
      t.replace(
        /\.(.*)\./,
        (_, s) => `.${base64url(Buffer.from(s, "base64url").toString().replace("example-1", "example-2"))}.`,
      ),
  });
  for (const [title, alter] of [
    ["S + L for S", (s) => s + L],
    ["S + 2L for S", (s) => s + 2n * L],
    ["S + 8L for S", (s) => s + 8n * L],
    ["L for S", () => L],
    ["L − S for S", (s) => L - s],
    ["the top bit of S set", (s) => s + 2n ** 255n],
  ]) {
    bad(title, ["K1"], "ERR_ATTESTATION_SIGNATURE", { signature: withS(alter) });
  }
  bad("R of order 1, in a signature that would verify", ["K2"], "ERR_ATTESTATION_SIGNATURE", {
    key: withNeutralR("authority", authority),
  });
  bad(
    "a key with a part of small order, in a signature that verifies with the cofactor only",
    ["K2"],
    "ERR_ATTESTATION_SIGNATURE",
    { header: { kid: mixedAuthority.kid }, key: mixedAuthority },
    { verifier: "mixed-key" },
  );
  for (const [title, signature] of UNSAFE_R) bad(title, ["K2"], "ERR_ATTESTATION_SIGNATURE", { signature });

  const p256 = (title, requirements, code, change) =>
    bad(`ES256 ${title}`, requirements, code, { ...BY_P256, ...change }, { verifier: "p256" });
  for (const [title, signature] of [
    ["r = 0", withFirst(Buffer.alloc(32))],
    ["s = 0", withSecond(Buffer.alloc(32))],
    ["r = s = 0", zeros],
    ["r = n", withFirst(bigEndian(N))],
    ["s = n", withSecond(bigEndian(N))],
    ["r and s swapped", swapped],
  ]) {
    p256(`with ${title}`, ["K1"], "ERR_ATTESTATION_SIGNATURE", { signature });
  }
  p256("with a DER signature", ["K1"], "ERR_ATTESTATION_FORMAT", { signature: derOf });
  p256("signed by a stranger", ["T3"], "ERR_ATTESTATION_SIGNATURE", { key: es256Key("stranger") });
}

// The signature, by the key in the attestation.
import { agent, authority, stranger } from "../common/baseline.mjs";
import { bigEndian } from "../common/bytes.mjs";
import { refused } from "../common/presentations.mjs";
import { bitFlipped, UNSAFE_R, withFirst, withS, withSecond, zeros } from "../common/signatures.mjs";
import { L, N, withNeutralR } from "../common/test-keys.mjs";
import { P256_ATTESTATION, p256Proof } from "./attested.mjs";

export function addCases({ put, bad }) {
  bad("signed by a stranger", ["T3", "M5"], "SIGNATURE", { key: stranger });
  bad("signed by the authority", ["T3"], "SIGNATURE", { key: authority });
  bad("a signature of zeros", ["T3", "K2"], "SIGNATURE", { signature: zeros });
  bad("one bit of the signature flipped", ["T3"], "SIGNATURE", { signature: bitFlipped });
  for (const [title, alter] of [
    ["S + L for S", (s) => s + L],
    ["S + 2L for S", (s) => s + 2n * L],
    ["L − S for S", (s) => L - s],
  ]) {
    bad(title, ["K1"], "SIGNATURE", { signature: withS(alter) });
  }
  bad("R of order 1, in a signature that would verify", ["K2"], "SIGNATURE", { key: withNeutralR("agent", agent) });
  for (const [title, signature] of UNSAFE_R) bad(title, ["K2"], "SIGNATURE", { signature });
  for (const [title, signature] of [
    ["r = 0", withFirst(Buffer.alloc(32))],
    ["s = 0", withSecond(Buffer.alloc(32))],
    ["s = n", withSecond(bigEndian(N))],
  ]) {
    put(`by a P-256 key with ${title}`, ["K1"], refused("ERR_PROOF_SIGNATURE"), P256_ATTESTATION, {
      proof: p256Proof({ signature }),
    });
  }
}

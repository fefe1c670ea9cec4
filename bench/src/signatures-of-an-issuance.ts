import { createPublicKey, generateKeyPairSync, randomBytes, sign, verify } from "node:crypto";

const COUNT = 4000;

/**
 * Microseconds of CPU time that the signatures of one issuance take by themselves: RS256 of the evidence and Ed25519 of the
 * possession verified, and an attestation signed with Ed25519.
 */
export async function signaturesAlone(): Promise<number> {
  const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const ed = generateKeyPairSync("ed25519");
  const [rsaPublic, edPublic] = [createPublicKey(rsa.privateKey), createPublicKey(ed.privateKey)];
  const [token, possession, attestation] = [randomBytes(500), randomBytes(150), randomBytes(700)];
  const evidence = sign("sha256", token, rsa.privateKey);
  const proof = sign(null, possession, ed.privateKey);
  const issue = () => {
    if (!verify("sha256", token, rsaPublic, evidence) || !verify(null, possession, edPublic, proof)) throw new Error();
    return sign(null, attestation, ed.privateKey);
  };
  for (let i = 0; i < COUNT / 4; i++) issue();
  const before = process.cpuUsage();
  for (let i = 0; i < COUNT; i++) issue();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / COUNT;
}

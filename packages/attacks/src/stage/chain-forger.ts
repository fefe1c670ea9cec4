import { digest, KeyPair, type Signer, TYP } from "@attest/core";
import { signToken } from "../forge/sign-token.ts";
import type { Forger } from "./define-attack.ts";
import type { Json, Situation } from "./situation.ts";

/** How one link of an attacker's chain differs from an honest one. */
interface LinkChanges {
  readonly header?: Json;
  readonly claims?: (claims: Json, s: Situation) => Json | Promise<Json>;
  /** Who signs it. Default: the key before it. */
  readonly by?: (keys: readonly Signer[], own: Signer) => Signer;
  /** Whose key it is for. Default: a new one of the attacker's. */
  readonly to?: (keys: readonly Signer[]) => Signer;
}

/** What a chain of the attacker's is made of. */
export interface ChainChanges {
  readonly links?: readonly LinkChanges[];
  /** The attestation at its root. Default: the honest agent's own, whose key signs the first link. */
  readonly root?: (s: Situation) => Promise<{ readonly attestation: string; readonly signer: Signer }>;
  /** Changes the finished text. */
  readonly text?: (texts: readonly string[]) => readonly string[];
  /** Who proves. Default: the last key. */
  readonly proves?: (keys: readonly Signer[]) => Signer | Promise<Signer>;
  /** What happens before it is presented. */
  readonly before?: (s: Situation, attestation: string) => Promise<void> | void;
}

/** A chain with one thing wrong, and who proves what is sent with it. */
export async function forgeChain(
  s: Situation,
  { links = [{}], root, text = (t) => t, proves, before: prepare }: ChainChanges,
): Promise<{ readonly chain: string; readonly prover: Signer }> {
  const { attestation, signer } = root ? await root(s) : s;
  const texts = [attestation];
  const keys: Signer[] = [signer];
  for (const [i, { header, claims = (c: Json) => c, by, to }] of links.entries()) {
    const before = keys.at(-1) as Signer;
    const own = to?.(keys) ?? (await KeyPair.generate());
    const key = by?.(keys, own) ?? before;
    const { kty, crv, x, y } = own.toJwk();
    const honest = {
      parent: await digest(texts.at(-1) as string),
      cnf: { jwk: { kty, crv, x, ...(y !== undefined && { y }) } },
      iat: s.now,
      exp: (s.claims["exp"] as number) - 1 - i,
      jti: crypto.randomUUID(),
      depth: 3 - i,
      aud: s.scene.target.audience,
    };
    const head = { alg: before.algorithm, typ: TYP.delegation, ...header };
    texts.push(await signToken(head, await claims(honest, s), (data) => key.sign(data)));
    keys.push(own);
  }
  await prepare?.(s, attestation);
  return { chain: text(texts).join("~"), prover: (await proves?.(keys)) ?? (keys.at(-1) as Signer) };
}

/** A chain of delegations with one thing wrong, and a proof for it. */
export function chained(changes: ChainChanges): Forger {
  return async (s) => {
    const { chain, prover } = await forgeChain(s, changes);
    return { attestation: chain, proof: await s.prove(chain, { signer: prover }) };
  };
}

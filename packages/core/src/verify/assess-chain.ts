import { type ChainMemory, type PresentedChain, type Rooted, statementOfChain } from "../checks/chain.ts";
import { CHAIN, CHAIN_RECHECKS } from "../checks/in-order.ts";
import { Refusal } from "../checks/refusal.ts";
import { checkRoot } from "../checks/root.ts";
import { beginToken, type Judging, type Presented, type Statement } from "../checks/statement.ts";
import { after, type MaybePromise } from "../maybe-promise.ts";
import type { CachedLinks } from "./cached-links.ts";

/** How a verifier assesses one token, or takes up what is cached of it. */
export type AssessRoot = (root: Presented, hash: string) => MaybePromise<Refusal | Statement>;

/** A chain, as far as that is known before it is read. */
interface Chain extends Pick<PresentedChain, "token" | "proved"> {
  /** base64url SHA-256 of it, where a proof came with it. */
  readonly tokenHash: string | undefined;
}

/** Assesses a chain of delegations, the attestation at its root and each link; or takes up what is cached of the whole. */
export function assessChain(
  judging: Judging,
  chain: Chain,
  links: CachedLinks,
  assessRoot: AssessRoot,
): MaybePromise<Refusal | Statement> {
  const known = chain.tokenHash === undefined ? undefined : links.chain(chain.tokenHash);
  if (!known?.delegation) return assessWhole(judging, chain, links, assessRoot);
  const { root, rootHash, links: read } = known.delegation;
  const text = chain.token.slice(0, chain.token.indexOf("~"));
  return after(rootOf(chained(judging, text), rootHash, assessRoot), (found) => {
    if (found instanceof Refusal) return found;
    const facts = { ...judging, root, read: read.map((link) => ({ link })) };
    return after(CHAIN_RECHECKS(facts), (checked) => (checked instanceof Refusal ? checked : known));
  });
}

function assessWhole(
  judging: Judging,
  { token, proved }: Chain,
  links: CachedLinks,
  assessRoot: AssessRoot,
): MaybePromise<Refusal | Statement> {
  const memory: ChainMemory = {
    link: (hash) => links.get(hash),
    hold: (link) => links.hold(link),
    root: (text, hash) => rootOf(chained(judging, text), hash, assessRoot),
  };
  const facts: Record<keyof Rooted, unknown> = {
    ...judging,
    token,
    proved,
    memory,
    texts: undefined,
    hashes: undefined,
    read: undefined,
    root: undefined,
  };
  return after(CHAIN(facts as unknown as PresentedChain), (rooted) =>
    rooted instanceof Refusal ? rooted : statementOfChain(rooted),
  );
}

/** The root of a chain, as it is presented. */
function chained(judging: Judging, text: string): Presented {
  return beginToken({ ...judging, chained: true }, text);
}

/** Asked of the root's format here too: one that is cached is not read again. */
function rootOf(facts: Presented, hash: string, assess: AssessRoot): MaybePromise<Refusal | Statement> {
  return after(assess(facts, hash), (root) =>
    root instanceof Refusal ? root : (checkRoot(root.format.name === "attestation") ?? root),
  );
}

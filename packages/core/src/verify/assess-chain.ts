import { type ChainMemory, type PresentedChain, type Rooted, statementOfChain } from "../checks/chain.ts";
import { CHAIN } from "../checks/in-order.ts";
import { Refusal } from "../checks/refusal.ts";
import { checkRoot } from "../checks/root.ts";
import { beginToken, type Judging, type Presented, type Statement } from "../checks/statement.ts";
import { after, type MaybePromise } from "../maybe-promise.ts";
import type { CachedLinks } from "./cached-links.ts";

/** How a verifier assesses one token, or takes up what is cached of it. */
export type AssessRoot = (root: Presented, hash: string) => MaybePromise<Refusal | Statement>;

/** Assesses a chain of delegations: the attestation at its root, and each link. */
export function assessChain(
  judging: Judging,
  { token, proved }: Pick<PresentedChain, "token" | "proved">,
  links: CachedLinks,
  assessRoot: AssessRoot,
): MaybePromise<Refusal | Statement> {
  const memory: ChainMemory = {
    link: (hash) => links.get(hash),
    hold: (link) => links.hold(link),
    root: (text, hash) => rootOf(beginToken({ ...judging, chained: true }, text), hash, assessRoot),
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

/** Asked of the root's format here too: one that is cached is not read again. */
function rootOf(facts: Presented, hash: string, assess: AssessRoot): MaybePromise<Refusal | Statement> {
  return after(assess(facts, hash), (root) =>
    root instanceof Refusal ? root : (checkRoot(root.format.name === "attestation") ?? root),
  );
}

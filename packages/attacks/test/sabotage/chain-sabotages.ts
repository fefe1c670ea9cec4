import type { GuardSabotage } from "./guard-sabotages.ts";
import { ofLastLink, skip, splitAnywhere } from "./replacements.ts";

/** What a server that accepts chains can lose. */
export const chainSabotages: readonly GuardSabotage[] = [
  { removed: "a link names the one before it", meant: "delegation-spliced", replaces: { checkParents: skip } },
  {
    removed: "a chain has an end",
    meant: "delegation-of-many",
    replaces: { splitChain: splitAnywhere, checkDepths: skip },
  },
  { removed: "a sub-agent calls what it may", meant: "delegation-other-tool", replaces: { checkScope: skip } },
  {
    removed: "no sub-agent allows more than it may",
    meant: "delegation-widened",
    server: "stateless",
    replaces: { checkScope: ofLastLink },
  },
  { removed: "methods that may be delegated", meant: "delegation-other-method", replaces: { checkScope: skip } },
  { removed: "dots meet no prefix", meant: "delegation-dot-segments", replaces: { checkScope: skip } },
];

import type { DelegationLink } from "../claims/delegation-link.ts";
import type { DelegatedTo } from "../events.ts";

/** The sub-agents of a chain as events name them: without what each may do. */
export function delegatedTo(delegation: readonly DelegationLink[]): readonly DelegatedTo[] {
  return delegation.map(({ name, keyThumbprint }) => ({ ...(name !== undefined && { name }), keyThumbprint }));
}

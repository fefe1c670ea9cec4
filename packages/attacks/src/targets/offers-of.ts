import type { AttackCredentials } from "./honest-agent.ts";
import type { Offer } from "./offer.ts";

/** What a tester's credentials make possible, whatever they are used on. */
export function offersOf(credentials: AttackCredentials): readonly Offer[] {
  const { attest, authority, issuerKey, attestBearer, trustDomain } = credentials;
  const { statusList, delegation, enterprise, ring, revoke } = credentials;
  return [
    ...(attest ? (["issuance"] as const) : []),
    ...(authority ? (["authority"] as const) : []),
    ...(authority || issuerKey ? (["issuer-key"] as const) : []),
    ...(attestBearer ? (["bearer"] as const) : []),
    ...(trustDomain ? (["trust-domain"] as const) : []),
    ...(statusList ? (["status-list"] as const) : []),
    ...(enterprise ? (["nested"] as const) : []),
    ...(delegation ? (["delegation"] as const) : []),
    ...(statusList?.server ? (["list-server"] as const) : []),
    ...(ring ? (["ring"] as const) : []),
    ...(revoke ? (["revocation"] as const) : []),
  ];
}

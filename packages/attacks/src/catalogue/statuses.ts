import type { Attack } from "../attack.ts";
import { type Forger, presented } from "../stage/define-attack.ts";
import { each, minted } from "../stage/forgers.ts";
import type { StatusListCredentials } from "../targets/honest-agent.ts";

const sheet = {
  category: "replay",
  threat: "S1",
  needs: ["authority", "status-list"],
} as const;

/** A well-signed attestation with a `status` of the attacker's choice. */
function withStatus(status: (list: StatusListCredentials) => unknown): Forger {
  return (s) => {
    const { statusList } = s.scene.agent.means;
    if (!statusList) throw new TypeError("The attack did not say that it needs a status list");
    return minted({ claims: (claims) => ({ ...claims, status: status(statusList) }) })(s);
  };
}

/** With a status in a list that the target has configured for another issuer, where there is one. */
function withOtherList(): Forger {
  return async (s) => {
    const { ofAnother } = s.scene.agent.means.statusList ?? {};
    return ofAnother === undefined ? undefined : withStatus(() => at(0, ofAnother))(s);
  };
}

const at = (idx: number, uri: string) => ({ status_list: { idx, uri } });

/** What a status list says is revoked, and what would keep a server from asking it. */
export const statusAttacks: readonly Attack[] = [
  presented(
    {
      ...sheet,
      id: "revoked-by-list",
      name: "Revoked at the authority",
      attacker: "is an agent whose index is revoked in its authority's status list",
      description: "A well-signed attestation that has not expired, and whose status is not 0",
      defence: "the status list is asked about every attestation",
      expected: ["attestation_revoked"],
    },
    { "the revoked index": withStatus(({ uri, revoked }) => at(revoked, uri)) },
  ),
  presented(
    {
      ...sheet,
      id: "status-elsewhere",
      name: "A list that says what one likes",
      attacker: "is an authority that the server trusts, or has its attestations read by a lax server",
      description:
        "Attestations whose status is missing, in a list of the attacker's, or in one of almost the same name",
      defence: "only the lists that are configured for the issuer count, byte for byte, and one of them is demanded",
      expected: ["attestation_claims_insufficient"],
    },
    {
      "no status": withStatus(() => undefined),
      "no list in it": withStatus(() => ({})),
      "the list of another issuer": withOtherList(),
      ...each(
        {
          "a list of the attacker's": () => "https://attacker.example/status",
          "a query": (uri) => `${uri}?`,
          "a fragment": (uri) => `${uri}#1`,
          "a slash": (uri) => `${uri}/`,
          "capital letters": (uri) => uri.replace(/^https:\/\/[^/]*/, (origin) => origin.toUpperCase()),
        } as Record<string, (uri: string) => string>,
        (alter) => withStatus(({ uri }) => at(0, alter(uri))),
      ),
    },
  ),
  presented(
    {
      ...sheet,
      id: "status-out-of-range",
      name: "An index beyond the list",
      attacker: "is an authority that the server trusts",
      description: "An attestation with an index that its status list does not have",
      defence: "an index that the list does not have is not valid",
      expected: ["attestation_unavailable"],
    },
    each({ "a large index": 2 ** 31, "the largest index": Number.MAX_SAFE_INTEGER }, (idx) =>
      withStatus(({ uri }) => at(idx, uri)),
    ),
  ),
];

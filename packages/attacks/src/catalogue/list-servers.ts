import { KeyPair, type Signer } from "@attest/core";
import type { Attack } from "../attack.ts";
import { type ForgedList, LIST_TTL, signList } from "../forge/sign-list.ts";
import { type AttackSheet, planned } from "../stage/define-attack.ts";
import { minted } from "../stage/forgers.ts";
import type { Scene } from "../stage/scene.ts";
import { Situation } from "../stage/situation.ts";
import type { ListServerCredentials, StatusListCredentials } from "../targets/honest-agent.ts";

/** More than any back-off of a target that could not fetch a list, and more than a list may be used. */
const LONG = 2 * LIST_TTL;

/** What an attacker makes of the list's server, once the target has seen that an agent is revoked. */
type Deceit = (lists: {
  readonly authority: Signer;
  readonly list: StatusListCredentials;
  readonly server: ListServerCredentials;
  /** A list that revokes nobody. */
  forge(forged?: Partial<ForgedList>, signer?: Signer): Promise<string>;
  /** Has the honest agent call, so that the target asks for the list. */
  honest(): Promise<unknown>;
}) => Promise<void>;

type Described = Pick<AttackSheet, "id" | "name" | "description" | "defence">;

/** The revoked agent calls again, after the list's server was tampered with. */
function deceiving(described: Described, deceits: Readonly<Record<string, Deceit>>): Attack {
  const sheet: AttackSheet = {
    ...described,
    category: "replay",
    threat: "S1",
    attacker: "is a revoked agent that has the server of the status list on its side",
    expected: ["attestation_unavailable", "attestation_revoked"],
    needs: ["authority", "status-list", "list-server"],
  };
  return planned(sheet, (scene) => {
    const { authority, list, server } = meansOf(scene);
    const forge = (forged: Partial<ForgedList> = {}, signer = authority) =>
      signList(signer, { uri: list.uri, issuedAt: server.now(), ...forged });
    /** Has the target take a list in which the agent is revoked. */
    const settle = async () => {
      server.pass(LONG);
      server.serve(await forge({ revoked: [list.revoked] }));
      return scene.honest();
    };
    scene.atEnd(async () => void (await settle()));
    return {
      control: settle,
      attempts: () =>
        Object.entries(deceits).map(([label, deceit]) => ({
          label,
          send: async () => {
            const settled = await settle();
            if (settled.outcome !== "served") throw new TypeError("the honest agent was refused");
            await deceit({ authority, list, server, forge, honest: () => scene.honest() });
            return presentRevoked(scene, list);
          },
        })),
    };
  });
}

function meansOf(scene: Scene) {
  const { authority, statusList: list } = scene.agent.means;
  if (!authority || !list?.server) throw new TypeError("The attack did not say that it needs the list's server");
  return { authority, list, server: list.server };
}

async function presentRevoked(scene: Scene, { uri, revoked }: StatusListCredentials) {
  const occasion = await scene.occasion();
  const status = { status_list: { idx: revoked, uri } };
  const credentials = await minted({ claims: (claims) => ({ ...claims, status }) })(
    await Situation.of(scene, occasion),
  );
  return occasion.present(credentials ?? {});
}

/** What the server of a status list can do for an agent that is revoked in it. */
export const listServerAttacks: readonly Attack[] = [
  deceiving(
    {
      id: "status-rollback",
      name: "The list from before",
      description:
        "The list's server sends a list from before the revocation, which its authority signed and which is valid",
      defence: "no list is taken that is older than one before",
    },
    {
      "an older list": async ({ server, forge }) => {
        const old = await forge({ issuedAt: server.now() - 30 });
        server.serve(old);
        server.pass(LONG);
      },
    },
  ),
  deceiving(
    {
      id: "status-foreign-list",
      name: "A list of another's",
      description: "The list's server sends a list that nobody signed for this address and issuer",
      defence: "a list is signed by a key of its issuer, for its very address, as a status list",
    },
    {
      "signed by a stranger": async ({ server, authority, forge }) => {
        server.pass(LONG);
        server.serve(await forge({}, await KeyPair.generate({ kid: authority.kid })));
      },
      "for another address": async ({ server, list, forge }) => {
        server.pass(LONG);
        server.serve(await forge({ uri: `${list.uri}0` }));
      },
      "of another issuer": async ({ server, forge }) => {
        server.pass(LONG);
        server.serve(await forge({ issuer: "https://other.example" }));
      },
      "of another type": async ({ server, forge }) => {
        server.pass(LONG);
        server.serve(await forge({ typ: "JWT" }));
      },
    },
  ),
  deceiving(
    {
      id: "status-inflation",
      name: "A list that inflates",
      description: "The list's server sends a signed list of 64 KiB that inflates to 64 MiB",
      defence: "decompression stops at a bound",
    },
    {
      "64 MiB of zeros": async ({ server, forge }) => {
        server.pass(LONG);
        server.serve(await forge({ bytes: 64 * 1024 * 1024 }));
      },
    },
  ),
  deceiving(
    {
      id: "status-stale",
      name: "A list that has expired",
      description: "The list's server sends a list that is newer than the last one, and has expired since",
      defence: "no list is taken or used past its `exp`",
    },
    {
      "an expired list": async ({ server, forge }) => {
        server.pass(1);
        const short = await forge({ expiresAt: server.now() + 30 });
        server.pass(LONG);
        server.serve(short);
      },
    },
  ),
  deceiving(
    {
      id: "status-frozen-clock",
      name: "Time that does not pass",
      description: "The clock of the target stands still, so that a list from before the revocation would stay fresh",
      defence: "a list ages by the time that really passes too",
    },
    {
      "the clock stands": async ({ server, list, forge, honest }) => {
        server.pass(LONG);
        server.serve(await forge());
        await honest();
        server.pass(LONG, "stands");
        server.serve(await forge({ issuedAt: server.now() + 1, revoked: [list.revoked] }));
      },
    },
  ),
  deceiving(
    {
      id: "status-unavailable",
      name: "No list at all",
      description: "The list's server answers nothing of use, for longer than the last list may be used",
      defence: "a status that is not available is refused, under every policy",
    },
    {
      "an error": async ({ server }) => {
        server.serve(undefined);
        server.pass(LONG);
      },
      "no list": async ({ server }) => {
        server.serve("<html>");
        server.pass(LONG);
      },
    },
  ),
];

import type { Attack } from "../attack.ts";
import { claimAttacks } from "./claims.ts";
import { definitionAttacks } from "./definitions.ts";
import { delegatedScopeAttacks } from "./delegated-scope.ts";
import { delegationAttacks } from "./delegations.ts";
import { grantedTicketAttacks } from "./granted-tickets.ts";
import { identityAttacks } from "./identities.ts";
import { keyAttacks } from "./keys.ts";
import { listServerAttacks } from "./list-servers.ts";
import { macProofAttacks } from "./mac-proofs.ts";
import { messageAttacks } from "./messages.ts";
import { neighbourAttacks } from "./neighbours.ts";
import { nestedAttacks } from "./nested.ts";
import { openRequestAttacks } from "./open-requests.ts";
import { proofAttacks } from "./proofs.ts";
import { readerAttacks } from "./readers.ts";
import { referenceAttacks } from "./reference.ts";
import { relayAttacks } from "./relays.ts";
import { replayAttacks } from "./replays.ts";
import { revocationAttacks } from "./revocations.ts";
import { sessionAttacks } from "./sessions.ts";
import { sharedConnectionAttacks } from "./shared-connections.ts";
import { signatureAttacks } from "./signatures.ts";
import { statusAttacks } from "./statuses.ts";
import { structureAttacks } from "./structure.ts";
import { taskAttacks } from "./tasks.ts";
import { ticketAttacks } from "./tickets.ts";
import { workloadAttacks } from "./workloads.ts";

/** Every attack, in the order in which they are run. */
export const attacks: readonly Attack[] = Object.freeze([
  ...referenceAttacks,
  ...signatureAttacks,
  ...structureAttacks,
  ...claimAttacks,
  ...keyAttacks,
  ...proofAttacks,
  ...ticketAttacks,
  ...macProofAttacks,
  ...grantedTicketAttacks,
  ...replayAttacks,
  ...revocationAttacks,
  ...statusAttacks,
  ...nestedAttacks,
  ...delegationAttacks,
  ...delegatedScopeAttacks,
  ...listServerAttacks,
  ...sessionAttacks,
  ...sharedConnectionAttacks,
  ...taskAttacks,
  ...definitionAttacks,
  ...messageAttacks,
  ...openRequestAttacks,
  ...readerAttacks,
  ...relayAttacks,
  ...identityAttacks,
  ...neighbourAttacks,
  ...workloadAttacks,
]);

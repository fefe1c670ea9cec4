import { checkAudience, checkHasAudience, chooseAudience } from "./audience.ts";
import {
  checkChainProof,
  checkChainRevocation,
  checkDepths,
  checkKeysOnce,
  checkLinkAlgorithms,
  checkLinkAudiences,
  checkLinkSignatures,
  checkLinkTimes,
  checkParents,
  type Linked,
  type PresentedChain,
  type Rooted,
  readLinks,
  splitChain,
  takeHashes,
  takeRoot,
} from "./chain.ts";
import {
  checkBearerVersion,
  checkConfirmationKey,
  checkNoConfirmationKey,
  checkVersion,
  readClaims,
} from "./claims.ts";
import { checkAlgorithm, checkKid, recognise } from "./header.ts";
import { checkIssuerAlgorithm, checkIssuerFormat, findIssuer } from "./issuer.ts";
import { findKey, recheckKey } from "./key.ts";
import {
  checkMac,
  checkMacDigest,
  checkMacRequest,
  checkMacTime,
  checkSignatureDemand,
  checkTicketAudience,
  checkTicketHolder,
  checkTicketTime,
  openTicket,
  readMac,
} from "./mac.ts";
import {
  checkInnermost,
  checkNestedType,
  checkProvider,
  checkSameAgent,
  checkSameKey,
  type Nested,
  ofEachLayer,
  readNested,
  takeNested,
} from "./nested.ts";
import { inOrder, type Order } from "./order.ts";
import {
  checkNoProof,
  checkProofAccessToken,
  checkProofAttestation,
  checkProofAudience,
  checkProofCarrier,
  checkProofDigest,
  checkProofSession,
  checkProofTime,
  checkProofType,
  takeHolder,
  takeProofClaims,
} from "./proof.ts";
import { consumeMac, consumeProof, consumeToken, takeBearerUse, takeSingleUse } from "./replay.ts";
import { checkRequiredClaims } from "./required-claims.ts";
import { checkRevocation, recheckRevocation } from "./revocation.ts";
import { checkScope } from "./scope.ts";
import { checkProofSignature, checkSignature } from "./signature.ts";
import type { Assessed, Judging, Presented, Recognised, Statement } from "./statement.ts";
import { checkStatus, recheckStatus } from "./status.ts";
import { checkLimits, readProof, readToken } from "./structure.ts";
import {
  checkAttestationType,
  checkBearerSubject,
  checkBearerType,
  checkSubject,
  checkTrustDomain,
} from "./subject.ts";
import { checkLifetime, checkTimes, recheckTimes } from "./times.ts";
import type { UseFacts } from "./use.ts";

// SPEC §6, in its order. A check that another format needs too stands in both lists.

/** Steps 1 and 2, of any token: it can be read, and says which format it is of. */
export const TOKEN: Order<Presented, Recognised> = /* @__PURE__ */ inOrder(readToken, recognise, checkLimits);

/** §20, of an attestation inside another: what may be unknown to this server comes before any key. */
const NESTED: Order<Nested, Assessed> = /* @__PURE__ */ inOrder(
  readNested,
  checkNestedType,
  findIssuer,
  checkProvider,
  checkIssuerFormat,
  checkAlgorithm,
  checkIssuerAlgorithm,
  checkKid,
  findKey,
  checkSignature,
  readClaims,
  checkVersion,
  checkTimes,
  checkLifetime,
  checkConfirmationKey,
  checkInnermost,
  checkAudience,
  checkSubject,
  checkTrustDomain,
  checkAttestationType,
  checkSameKey,
  checkSameAgent,
  checkRevocation,
  checkStatus,
);

/** Steps 2–6 of an attestation, and then §20. */
export const ATTESTATION: Order<Recognised, Assessed> = /* @__PURE__ */ inOrder(
  checkAlgorithm,
  checkKid,
  findIssuer,
  checkIssuerFormat,
  checkIssuerAlgorithm,
  findKey,
  checkSignature,
  readClaims,
  checkVersion,
  checkTimes,
  checkLifetime,
  checkConfirmationKey,
  checkAudience,
  checkSubject,
  checkTrustDomain,
  checkAttestationType,
  checkRequiredClaims,
  checkRevocation,
  checkStatus,
  /* @__PURE__ */ takeNested(NESTED),
);

/** Steps 2–6 of a bearer attestation. */
export const BEARER_ATTESTATION: Order<Recognised, Assessed> = /* @__PURE__ */ inOrder(
  checkAlgorithm,
  checkKid,
  findIssuer,
  checkIssuerFormat,
  checkIssuerAlgorithm,
  findKey,
  checkSignature,
  readClaims,
  checkBearerVersion,
  checkTimes,
  checkLifetime,
  checkNoConfirmationKey,
  checkHasAudience,
  checkAudience,
  checkBearerSubject,
  checkTrustDomain,
  checkBearerType,
  checkRequiredClaims,
  checkRevocation,
  checkStatus,
  takeBearerUse,
);

/** Steps 7 and 8, where a proof binds the message to the token. */
export const PROOF: Order<UseFacts, object> = /* @__PURE__ */ inOrder(
  takeHolder,
  readProof,
  checkProofType,
  checkProofSignature,
  takeProofClaims,
  checkProofCarrier,
  checkProofAttestation,
  checkProofAudience,
  checkProofTime,
  checkProofDigest,
  checkProofSession,
  checkProofAccessToken,
  checkScope,
  consumeProof,
);

/** Steps 7 and 8, where a MAC under a ticket's key binds the message to the token (§19). */
export const MAC: Order<UseFacts, object> = /* @__PURE__ */ inOrder(
  takeHolder,
  readMac,
  checkMacRequest,
  openTicket,
  checkTicketTime,
  checkTicketAudience,
  checkTicketHolder,
  checkMacTime,
  checkMac,
  checkMacDigest,
  checkScope,
  checkSignatureDemand,
  consumeMac,
);

/** Steps 7 and 8, where the token alone was presented. */
export const BEARER_USE: Order<UseFacts, object> = /* @__PURE__ */ inOrder(
  checkNoProof,
  chooseAudience,
  takeSingleUse,
  consumeToken,
);

/** §21, of a chain: what costs nothing first, then the root, then all that concerns several links, then the signatures. */
export const CHAIN: Order<PresentedChain, PresentedChain & Rooted> = /* @__PURE__ */ inOrder(
  splitChain,
  checkChainProof,
  takeHashes,
  readLinks,
  checkParents,
  checkLinkAudiences,
  takeRoot,
  checkDepths,
  checkKeysOnce,
  checkLinkAlgorithms,
  checkLinkTimes,
  checkLinkSignatures,
  checkChainRevocation,
);

/** What is asked again of a cached chain, after its root: all that can change. */
export const CHAIN_RECHECKS: Order<Judging & Linked, object> = /* @__PURE__ */ inOrder(
  checkLinkTimes,
  checkChainRevocation,
);

type Remembered = Judging & { readonly statement: Statement };

/** What can change after an attestation was verified, and so is asked again of a cached one (T21). */
export const RECHECKS: Order<Remembered, object> = /* @__PURE__ */ ofEachLayer<Remembered>(
  /* @__PURE__ */ inOrder(recheckKey, recheckTimes, recheckRevocation, recheckStatus),
);

/** What is asked again while a bearer attestation serves a session: its times ended with the session's opening (SPEC-4.7). */
export const SESSION_RECHECKS: Order<Remembered, object> = /* @__PURE__ */ inOrder(
  recheckKey,
  recheckRevocation,
  recheckStatus,
);

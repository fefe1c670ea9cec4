// Status lists: what an attestation's claim `status` says, and what becomes of it with each policy.
import { ENTERPRISE, ISSUER, MESSAGE, VERIFIER } from "./common/baseline.mjs";
import { ofEnterprise, payload, show } from "./common/changes.mjs";
import { altering, present, presenting, refused, verified, verifiedBearer } from "./common/presentations.mjs";
import { attestation, bearer, proof } from "./common/tokens.mjs";

const LIST = `${ISSUER}/status/1`;
const LOST_LIST = `${ISSUER}/status/2`;
const ENTERPRISE_LIST = `${ENTERPRISE}/status`;
const SIZE = 131_072;

/** A verifier that knows lists of both issuers, one of which cannot be had. */
const withLists = (change, other) => ({
  ...VERIFIER,
  trustedIssuers: VERIFIER.trustedIssuers.map((trusted) =>
    trusted.issuer === ISSUER
      ? { ...trusted, statusLists: [LIST, LOST_LIST], ...change }
      : { ...trusted, statusLists: [ENTERPRISE_LIST] },
  ),
  statusLists: {
    [LIST]: { size: SIZE, statuses: { 1: 1, 2: 2, 3: 3 } },
    [ENTERPRISE_LIST]: { size: SIZE, statuses: {} },
  },
  ...other,
});

export const verifiers = {
  default: withLists(),
  "status-optional": withLists({ statusOptional: true }),
  preferred: withLists({}, { policy: "preferred" }),
  optional: withLists({}, { policy: "optional" }),
  bearer: withLists({}, { allowBearer: true }),
  "without-lists": VERIFIER,
};

const at = (idx, uri = LIST) => payload({ status: { status_list: { idx, uri } } });

const MALFORMED = [
  null,
  "revoked",
  [],
  { status_list: null },
  { status_list: [] },
  { status_list: { idx: 0 } },
  { status_list: { uri: LIST } },
  { status_list: { idx: "0", uri: LIST } },
  { status_list: { idx: -1, uri: LIST } },
  { status_list: { idx: 0.5, uri: LIST } },
  { status_list: { idx: 2 ** 53, uri: LIST } },
  { status_list: { idx: 0, uri: [LIST] } },
  { status_list: { idx: 0, uri: "" } },
  { status_list: { idx: 0, uri: `${LIST} ` } },
];

export function vectors() {
  const { list, put } = presenting("Status", { verifier: "default" });
  const { good, bad } = altering(put, attestation, verified);
  good("valid", ["S1"], at(0));
  good("valid, at the last index", ["S1"], at(SIZE - 1));
  good("valid, beside means of revocation that are not known", [], {
    payload: { status: { status_list: { idx: 0, uri: LIST, exp: 1 }, identifier_list: { id: "a" } } },
  });
  for (const idx of [1, 2, 3]) bad(`of the value ${idx}`, ["S1"], "ERR_REVOKED", at(idx));
  bad("at an index that the list does not have", ["S1"], "ERR_REVOCATION_UNAVAILABLE", at(SIZE));
  bad("at the greatest index", ["S1"], "ERR_REVOCATION_UNAVAILABLE", at(Number.MAX_SAFE_INTEGER));
  bad("in a list that cannot be had", ["S1"], "ERR_REVOCATION_UNAVAILABLE", at(0, LOST_LIST));
  bad("missing", [], "ERR_CLAIM_REQUIRED", {});
  bad("without a list", [], "ERR_CLAIM_REQUIRED", payload({ status: { identifier_list: { id: "a" } } }));
  for (const uri of ["https://evil.example/status", ENTERPRISE_LIST, `${LIST}/`, `${LIST}?`, LIST.toUpperCase()]) {
    bad(`in the list ${uri}, which is not its issuer's`, ["S1"], "ERR_CLAIM_REQUIRED", at(0, uri));
    bad(`in the list ${uri}, where a status may be missing`, ["S1"], "ERR_CLAIM_REQUIRED", at(0, uri), {
      verifier: "status-optional",
    });
  }
  bad("of an enterprise, in the provider's list", ["S1"], "ERR_CLAIM_REQUIRED", ofEnterprise(at(0).payload));
  good("missing where it may be", [], {}, { verifier: "status-optional" });
  bad("revoked where it may be missing", ["S1"], "ERR_REVOKED", at(1), { verifier: "status-optional" });
  for (const policy of ["preferred", "optional"]) {
    const verifier = { verifier: policy };
    bad(`revoked, under the policy ${policy}`, ["T23", "S1"], "ERR_REVOKED", at(1), verifier);
    bad(`missing, under the policy ${policy}`, ["T23"], "ERR_CLAIM_REQUIRED", {}, verifier);
    bad(
      `that cannot be told, under ${policy}`,
      ["T23", "S1"],
      "ERR_REVOCATION_UNAVAILABLE",
      at(0, LOST_LIST),
      verifier,
    );
  }
  good("of an issuer without lists", [], at(1), { verifier: "without-lists" });
  for (const status of MALFORMED) {
    for (const verifier of ["default", "without-lists"]) {
      bad(`malformed as ${show(status)} (${verifier})`, ["T18"], "ERR_ATTESTATION_CLAIMS", payload({ status }), {
        verifier,
      });
    }
  }
  const bare = { verifier: "bearer", proof: undefined, request: undefined };
  put("valid, of a bearer attestation", [], verifiedBearer, bearer(at(0)), bare);
  put("revoked, of a bearer attestation", ["S1"], refused("ERR_REVOKED"), bearer(at(1)), bare);
  put("missing, of a bearer attestation", [], refused("ERR_CLAIM_REQUIRED"), bearer(), bare);
  const [valid, revoked] = [attestation(at(0)), attestation(at(1))];
  const use = (token, nth, expected) =>
    present(token, expected, { proof: proof(token, MESSAGE, payload({ jti: `proof-number-${nth}-of-four` })) });
  list.push({
    title: "Status: valid and revoked ones in turn, with one `jti`",
    requirements: ["T21"],
    verifier: "default",
    presentations: [
      use(valid, 1, verified),
      use(revoked, 2, refused("ERR_REVOKED")),
      use(valid, 3, verified),
      use(revoked, 4, refused("ERR_REVOKED")),
    ],
  });
  return list;
}

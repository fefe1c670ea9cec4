// The issuer: its key and no other's, by its exact name.
import { authority, ENTERPRISE, enterprise, ISSUER, VERIFIER } from "../common/baseline.mjs";
import { BY_ENTERPRISE, ENTERPRISE_CLAIMS, payload, show } from "../common/changes.mjs";

const SHARED = "shared-kid";

/** A verifier whose issuers each have a key of the same name. */
export const sharedKid = {
  ...VERIFIER,
  keys: {
    [ISSUER]: { keys: [{ ...authority.jwk, kid: SHARED }] },
    [ENTERPRISE]: { keys: [{ ...enterprise.jwk, kid: SHARED }] },
  },
};

export function addCases({ good, bad }) {
  bad("another issuer's key by that issuer's name for it", ["K7"], "ERR_KEY_NOT_FOUND", BY_ENTERPRISE);
  bad("another issuer's key by this issuer's name for its own", ["K7"], "ERR_ATTESTATION_SIGNATURE", {
    key: enterprise,
  });
  bad(
    "another issuer's key of the same name",
    ["K7"],
    "ERR_ATTESTATION_SIGNATURE",
    { header: { kid: SHARED }, key: enterprise },
    { verifier: "shared-kid" },
  );
  bad(
    "this issuer's key of the same name, for another",
    ["K7"],
    "ERR_ATTESTATION_SIGNATURE",
    { header: { kid: SHARED }, payload: ENTERPRISE_CLAIMS },
    { verifier: "shared-kid" },
  );
  good(
    "its issuer's key, of a name that two issuers use",
    ["K7"],
    { header: { kid: SHARED } },
    { verifier: "shared-kid" },
  );

  for (const iss of [
    undefined,
    null,
    1,
    true,
    {},
    [ISSUER],
    [ISSUER, "https://evil.example"],
    "",
    "*",
    ".*",
    "https://*",
    `${ISSUER}/`,
    `${ISSUER}:443`,
    ` ${ISSUER}`,
    `${ISSUER}\u0000`,
    `${ISSUER}\n`,
    "HTTPS://authority.example",
    "https://AUTHORITY.example",
    "http://authority.example",
    "https://authority.exampl",
    `${ISSUER}.evil.example`,
    "https://evil.example/https://authority.example",
    "https://authority.example@evil.example",
    "https://authority%2eexample",
    "https://аuthority.example",
    "https://authority。example",
    "authority.example",
    "__proto__",
  ]) {
    bad(
      `\`iss\` ${show(iss)}`,
      [typeof iss === "string" && /[^\x20-\x7e]/.test(iss) ? "T13" : "T14"],
      "ERR_ISSUER_UNTRUSTED",
      payload({ iss }),
    );
  }
}

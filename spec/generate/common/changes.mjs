// Changes to an honest attestation or proof that several groups of vectors make.
import { authorityP256, BOUND_CLAIMS, ENTERPRISE, enterprise } from "./baseline.mjs";

export const payload = (change) => ({ payload: change });
export const identity = (change) => payload({ agent_identity: { ...BOUND_CLAIMS.agent_identity, ...change } });
export const metadata = (change) =>
  payload({ attestation_metadata: { ...BOUND_CLAIMS.attestation_metadata, ...change } });
export const agentKey = (change) => payload({ cnf: { jwk: { ...BOUND_CLAIMS.cnf.jwk, ...change } } });
export const holding = ({ jwk: { crv, kty, x, y } }) => payload({ cnf: { jwk: { crv, kty, x, y } } });

/** Signed with ES256 by the authority. */
export const BY_P256 = { header: { alg: "ES256", kid: authorityP256.kid }, key: authorityP256 };
/** Signed by the enterprise, whatever it says. */
export const BY_ENTERPRISE = { header: { kid: enterprise.kid }, key: enterprise };
export const ENTERPRISE_CLAIMS = {
  iss: ENTERPRISE,
  sub: "spiffe://corp.example/agent/7",
  attestation_metadata: { ...BOUND_CLAIMS.attestation_metadata, attestation_type: "enterprise" },
};
/** An enterprise's attestation of an agent of its own. */
export const ofEnterprise = (change) => ({ ...BY_ENTERPRISE, payload: { ...ENTERPRISE_CLAIMS, ...change } });

/** Puts a member before all others of a JSON text. */
export const insert = (member) => (text) => text.replace("{", `{${member},`);
/** Writes the value of a claim, which is no text, in another way. */
export const spell = (name, json) => (text) => text.replace(new RegExp(`"${name}":[^,}]+`), `"${name}":${json}`);
export const reversed = (text) => JSON.stringify(Object.fromEntries(Object.entries(JSON.parse(text)).reverse()));

/** A wrong value, in a title. */
export const show = (value) => (value === undefined ? "missing" : JSON.stringify(value).slice(0, 60));

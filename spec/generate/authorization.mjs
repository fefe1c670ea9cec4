// `Authorization` fields, as the proof beside them is to name them (SPEC-3.12), and which are refused (SPEC-4.28): MCP servers
// read the second word of the field, whatever follows it.
import { sha256 } from "./common/bytes.mjs";

const TOKEN = "mF_9.B5f-4.1JqM";

export function vectors() {
  const of = (title, field, outcome, requirements) => ({
    title: `Authorization: ${title}`,
    requirements,
    field,
    outcome,
    ...(outcome === "credential" && { credential: TOKEN, ath: sha256(TOKEN) }),
  });
  const credential = (title, field) => of(title, field, "credential", ["M5"]);
  const none = (title, field) => of(title, field, "none", ["M5"]);
  const refused = (title, field) => of(title, field, "refused", ["M14"]);
  return [
    credential("one credential", `Bearer ${TOKEN}`),
    credential("a scheme in lower case", `bearer ${TOKEN}`),
    credential("the other scheme", `DPoP ${TOKEN}`),
    credential("the other scheme in upper case", `DPOP ${TOKEN}`),
    credential("several spaces", `Bearer   ${TOKEN}`),
    none("no field", null),
    none("an empty field", ""),
    none("another scheme", "Basic YWxpY2U6cHc="),
    none("another scheme with several words", "Basic a b"),
    none("a scheme that begins with Bearer", `BearerToken ${TOKEN}`),
    refused("a second word", `Bearer ${TOKEN} x`),
    refused("a second word after the other scheme", `DPoP ${TOKEN} x`),
    refused("two credentials with a comma", `Bearer ${TOKEN}, Bearer ${TOKEN}`),
    refused("no credential", "Bearer"),
    refused("a space and no credential", "Bearer "),
    refused("a tab before the credential", `Bearer\t${TOKEN}`),
    refused("a space before the scheme and a second word", ` Bearer ${TOKEN} x`),
    refused("a letter that is not ASCII", `Bearer ${TOKEN}\u00e9`),
  ];
}

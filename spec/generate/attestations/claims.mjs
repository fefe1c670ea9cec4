// Claims that are missing, or not what their schema says.
import { AUDIENCE, HASH, NOW, PLACE } from "../common/baseline.mjs";
import { identity, metadata, payload, show, spell } from "../common/changes.mjs";

export function addCases({ good, bad }) {
  for (const json of ["-0", "1.799999995e9", "1799999995.0", "1799999995000e-3", "1799999995.00000000000001"])
    good(`\`nbf\` ${json}, which is an integer`, ["T18"], { payloadText: spell("nbf", json) });
  const claims = (title, requirements, change) => bad(title, requirements, "ERR_ATTESTATION_CLAIMS", change);
  for (const name of ["exp", "iat", "nbf"]) {
    if (name !== "nbf") claims(`\`${name}\` missing`, ["T18"], payload({ [name]: undefined }));
    for (const wrong of [null, String(NOW), NOW + 0.5, -1, true, [NOW], {}, 2 ** 53])
      claims(`\`${name}\` ${show(wrong)}`, ["T18"], payload({ [name]: wrong }));
    for (const json of ["1e400", "-1e400"]) claims(`\`${name}\` ${json}`, ["T18"], { payloadText: spell(name, json) });
  }
  for (const wrong of [undefined, null, 1, "", "a\u0000b", "a b", "a\nb", "é", "\u007f", "j".repeat(257), ["a"], {}])
    claims(`\`jti\` ${show(wrong)}`, ["T13"], payload({ jti: wrong }));
  for (const wrong of [
    undefined,
    null,
    1,
    "",
    "spiffe://example.com/a\u0000",
    "spiffe://example.com/é",
    "spiffe://example.com/a b",
    `spiffe://example.com/${"a".repeat(2048)}`,
    ["x"],
    {},
  ]) {
    claims(`\`sub\` ${show(wrong)}`, ["T13"], payload({ sub: wrong }));
  }
  for (const wrong of [
    null,
    "",
    1,
    [],
    [1],
    [""],
    [[AUDIENCE]],
    {},
    [AUDIENCE, null],
    [`${AUDIENCE}\u0000`],
    "é",
    Array(65).fill(AUDIENCE),
  ]) {
    claims(
      `\`aud\` ${Array.isArray(wrong) && wrong.length > 64 ? "of 65 entries" : show(wrong)}`,
      ["T20", "T13"],
      payload({ aud: wrong }),
    );
  }
  for (const wrong of [undefined, null, 1, "x", [], {}])
    claims(`\`agent_identity\` ${show(wrong)}`, [], payload({ agent_identity: wrong }));
  for (const name of ["model_family", "model_version", "provider"]) {
    for (const wrong of [undefined, null, 1, "", "a\u0000", "a\nb", "x".repeat(257), ["x"]])
      claims(`\`${name}\` ${show(wrong)}`, ["T13"], identity({ [name]: wrong }));
  }
  for (const [what, wrong] of [
    ["a Cyrillic letter", "exаmple"],
    ["a zero-width space", "exam\u200bple"],
    ["a right-to-left override", "exam\u202eple"],
    ["a full-width letter", "ｅxample"],
    ["a combining accent", "exa\u0301mple"],
    ["a DEL", "example\u007f"],
  ]) {
    claims(`${what} in the model's name`, ["T13"], identity({ model_version: wrong }));
  }
  for (const wrong of [null, 1, "", "é"])
    claims(`\`deployment_id\` ${show(wrong)}`, ["T13"], identity({ deployment_id: wrong }));
  for (const wrong of [
    null,
    "x",
    [],
    {},
    { ...PLACE, org_id: undefined },
    { ...PLACE, workload_id: 1 },
    { ...PLACE, deployment_env: "" },
  ])
    claims(`\`enterprise\` ${show(wrong)}`, [], identity({ enterprise: wrong }));
  claims("an identity by its prototype alone", ["T11"], {
    payloadText: (text) =>
      text.replace('"agent_identity":{', '"agent_identity":{"__proto__":{').replace(/("provider":"example")}/, "$1}}"),
  });
  for (const wrong of [
    null,
    "x",
    [],
    { config_hash: "abc" },
    { config_hash: HASH.toUpperCase() },
    { config_hash: HASH.slice(0, -1) },
    { config_hash: `${HASH}0` },
    { config_hash: HASH.slice(7) },
    { system_prompt_hash: 1 },
    { system_prompt_hash: `md5:${"0".repeat(32)}` },
  ]) {
    claims(`\`agent_integrity\` ${show(wrong)}`, [], payload({ agent_integrity: wrong }));
  }
  for (const wrong of [undefined, null, "x", [], {}])
    claims(`\`attestation_metadata\` ${show(wrong)}`, [], payload({ attestation_metadata: wrong }));
  for (const [name, ...wrongs] of [
    ["attestation_version", undefined, 2, null, ""],
    ["attestation_type", undefined, "Provider", "root", 1, ["provider"], "__proto__"],
    ["safety_level", undefined, "maximum", null, 1],
    ["capabilities_declared", undefined, "a", {}, [1], [["a"]], [""], ["x".repeat(257)], Array(65).fill("a")],
    ["nested_attestation", null, 1, "", "a b", "é"],
    ["max_delegation_depth", null, -1, 5, 0.5, "1", [1]],
  ]) {
    for (const wrong of wrongs)
      claims(
        `\`${name}\` ${Array.isArray(wrong) && wrong.length > 64 ? "of 65 entries" : show(wrong)}`,
        [],
        metadata({ [name]: wrong }),
      );
  }
  for (const version of ["0.1.0", "0.2", "0.2.1", "1.0.0", "0.2.0 "])
    bad(`version ${show(version)}`, ["T9"], "ERR_ATTESTATION_VERSION", metadata({ attestation_version: version }));
}

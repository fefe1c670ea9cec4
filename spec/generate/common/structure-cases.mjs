// Ways to spell a compact JWS that a strict reader must refuse, of attestations and proofs alike (SPEC §6.1). Each is
// [title, requirements, end of the code, change]; where the spelling allows, the altered text is signed correctly.
import * as header from "./structure/header.mjs";
import * as json from "./structure/json.mjs";
import * as repeats from "./structure/repeats.mjs";
import * as segments from "./structure/segments.mjs";

/**
 * @param about.member A member of the payload, to be repeated with its value or another.
 * @param about.limit The most characters that are allowed.
 */
export function structureCases(about) {
  const cases = [];
  const add = (...one) => cases.push(one);
  for (const part of [segments, json, repeats, header]) part.addCases(add, about);
  return cases;
}

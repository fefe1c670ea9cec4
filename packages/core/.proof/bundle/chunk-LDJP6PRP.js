import {
  VECTOR_FILES,
  requestOf,
  verifierOf
} from "./chunk-BHSXX57O.js";

// test/mutations/single-character-edits.ts
var ALPHABET = [
  ..."ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_",
  ".",
  "=",
  "+",
  "/",
  " ",
  "\n",
  "\0",
  "\xE9"
];
function* singleCharacterEdits(text) {
  for (let i = 0; i <= text.length; i++) {
    const [before, at, after] = [text.slice(0, i), text.charAt(i), text.slice(i + 1)];
    for (const char of ALPHABET) {
      if (char === at) continue;
      if (at !== "") yield before + char + after;
      yield before + char + at + after;
    }
    if (at !== "" && at !== text.charAt(i + 1)) yield before + after;
  }
}

// test/mutations/try-edits.ts
async function honest() {
  const file = VECTOR_FILES.find(({ name }) => name === "attestations.json");
  const vector = file?.vectors.find(({ id }) => id === "bound-attestation-honest");
  const presentation = vector?.presentations[0];
  const configuration = vector && file?.verifiers[vector.verifier];
  if (!presentation || !configuration) throw new Error("The vectors have no honest attestation");
  const attestation = presentation.attestation;
  const proof = presentation.proof;
  const request = requestOf(presentation);
  const verifier = await verifierOf(configuration, () => presentation.time ?? Number.NaN);
  return { attestation, proof, request, verifier };
}
async function honestMac() {
  const file = VECTOR_FILES.find(({ name }) => name === "tickets.json");
  const vector = file?.vectors.find(({ id }) => id === "mac-proof-of-an-http-request");
  const presentation = vector?.presentations[0];
  const configuration = vector && file?.verifiers[vector.verifier];
  if (!presentation || !configuration) throw new Error("The vectors have no honest MAC proof");
  const request = requestOf(presentation);
  const verifier = await verifierOf(configuration, () => presentation.time ?? Number.NaN);
  return { attestation: presentation.attestation, proof: presentation.proof, request, verifier };
}
async function countEdits() {
  const { attestation, proof } = await honest();
  const { proof: macProof } = await honestMac();
  let count = 0;
  for (const text of [attestation, proof, macProof]) for (const _ of singleCharacterEdits(text)) count++;
  return count;
}
async function tryAttestationEdits(every = 1) {
  const { attestation, request, verifier } = await honest();
  return attempt(attestation, every, "ERR_ATTESTATION_SIGNATURE", async (edit) => {
    const result = await verifier.verify(edit, request);
    return result.outcome === "refused" && !result.code.startsWith("ERR_PROOF_") ? result.code : void 0;
  });
}
async function tryProofEdits(every = 1) {
  const { attestation, proof, request, verifier } = await honest();
  return attempt(proof, every, "ERR_PROOF_SIGNATURE", async (edit) => {
    const result = await verifier.verify(attestation, { ...request, proof: edit });
    return result.outcome === "refused" && result.code.startsWith("ERR_PROOF_") ? result.code : void 0;
  });
}
async function tryMacProofEdits(every = 1) {
  const { attestation, proof, request, verifier } = await honestMac();
  return attempt(proof, every, "ERR_TICKET_MAC", async (edit) => {
    const result = await verifier.verify(attestation, { ...request, proof: edit });
    return result.outcome === "refused" && /^ERR_(PROOF|TICKET)_/.test(result.code) ? result.code : void 0;
  });
}
async function attempt(original, every, signatureCode, refusalOf) {
  const accepted = [];
  const codes = /* @__PURE__ */ new Map();
  let tried = 0;
  let index = 0;
  for (const edit of singleCharacterEdits(original)) {
    if (index++ % every !== 0) continue;
    tried++;
    const code = await refusalOf(edit);
    if (code === void 0) accepted.push(edit);
    codes.set(code ?? "none", (codes.get(code ?? "none") ?? 0) + 1);
  }
  return { tried, accepted, bySignature: codes.get(signatureCode) ?? 0, codes };
}

export {
  countEdits,
  tryAttestationEdits,
  tryProofEdits,
  tryMacProofEdits
};
//# sourceMappingURL=chunk-LDJP6PRP.js.map
export default {
  what: "a bare signature in the place of a proof's JWS",
  most: 5,
  edits: [
    {
      file: "packages/core/src/wire/proof-kinds.ts",
      find: /export const PROOF_KINDS = \[([^\]]+)\]/,
      put: 'export const PROOF_KINDS = [$1, "bare"]',
    },
    {
      file: "packages/core/src/uses/registry.ts",
      find: "/** Every use, by the name",
      put: 'import { bare, isBareProof } from "./bare.ts";\n\n/** Every use, by the name',
    },
    {
      file: "packages/core/src/uses/registry.ts",
      find: /(export const USES: [^=]+= \{)/,
      put: "$1 bare,",
    },
    {
      file: "packages/core/src/uses/registry.ts",
      find: /(export function proofKindOf[^{]+\{\n)/,
      put: '$1  if (format.proof === "signature" && isBareProof(presented)) return "bare";\n',
    },
  ],
  files: { "packages/core/src/uses/bare.ts": "bare.ts" },
};

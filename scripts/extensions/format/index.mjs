/** The entry point of the format in `exports` and `publishConfig` of a package. */
const ENTRY = "./formats/oauth-client-attestation";

export default {
  what: "OAuth client attestations as a bound format",
  most: 5,
  edits: [
    {
      file: "packages/core/package.json",
      find: /"\.\/formats\/wimse-wit": \{\s*"@attest\/source"/,
      put: (found) =>
        `"${ENTRY}": { "@attest/source": "./src/formats/oauth-client-attestation.ts", ` +
        `"types": "./dist/formats/oauth-client-attestation.d.ts", "default": "./dist/formats/oauth-client-attestation.js" },\n    ${found}`,
    },
    {
      file: "packages/core/tsup.config.ts",
      find: '"src/formats/wimse-wit.ts",',
      put: '"src/formats/wimse-wit.ts",\n    "src/formats/oauth-client-attestation.ts",',
    },
    {
      file: "packages/cli/src/commands/verify.ts",
      find: "/** What an issuer may issue",
      put: 'import { oauthClientAttestation } from "@attest/core/formats/oauth-client-attestation";\n\n/** What an issuer may issue',
    },
    {
      file: "packages/cli/src/commands/verify.ts",
      find: '  "wimse-wit": wimseWit,',
      put: '  "wimse-wit": wimseWit,\n  "oauth-client-attestation": oauthClientAttestation,',
    },
  ],
  files: { "packages/core/src/formats/oauth-client-attestation.ts": "oauth-client-attestation.ts" },
};

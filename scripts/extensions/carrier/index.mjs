export default {
  what: "both credentials in one member of _meta",
  most: 6,
  edits: [
    { file: "packages/core/src/wire/carriers.ts", find: '"in-band", ', put: '"in-band", "compact", ' },
    {
      file: "packages/mcp-server/src/guard/carriers.ts",
      find: "META_ATTESTATION, ",
      put: "META_ATTESTATION, META_PREFIX, ",
    },
    {
      file: "packages/mcp-server/src/guard/carriers.ts",
      find: "  if (http?.attestation !== undefined",
      put: `  const compact = \`\${META_PREFIX}credentials\`;
  if (Object.hasOwn(meta, compact)) {
    const [attestation = null, proof = null] = String(meta[compact]).split("~");
    found.push({ carrier: "compact", attestation, proof });
  }
$&`,
    },
    {
      file: "packages/mcp-client/src/index.ts",
      find: "export { type AttestFetchOptions",
      put: 'export { attestCompactly } from "./attest-compactly.ts";\nexport { type AttestFetchOptions',
    },
    {
      file: "packages/attacks/src/targets/envelope.ts",
      find: "  META_ATTESTATION,\n",
      put: "  META_ATTESTATION,\n  META_PREFIX,\n",
    },
    {
      file: "packages/attacks/src/targets/envelope.ts",
      find: "  const meta = {\n",
      put: `  if (carrier === "compact") {
    const credentials = { [\`\${META_PREFIX}credentials\`]: \`\${attestation}~\${proof}\` };
    return { ...message, [member]: { ...body, _meta: { ...metaOf(body), ...credentials } } };
  }
  const meta = {
`,
    },
  ],
  files: { "packages/mcp-client/src/attest-compactly.ts": "attest-compactly.ts" },
};

// Evidence that needs Node

// Running by a configuration file
export { ConfigurationError, type ConfigurationProblem, type ListenOptions } from "@attest/service";
export { type Explanation, explainEvidence } from "./configuration/explain.ts";
export { configurationSchema } from "./configuration/schema.ts";
export { type X509SvidEvidenceOptions, x509SvidEvidence } from "./evidence/x509-svid.ts";
// Serving
export { connectionOf, type TrustedProxy } from "./node/node-connection.ts";
export { openRevocations, type Revocations } from "./node/revocations.ts";
export { type RunningAuthority, type RunOptions, rotateKeys, runAuthority } from "./node/run-authority.ts";
export { type ServedAuthority, type ServeOptions, serveAuthority } from "./node/serve-authority.ts";

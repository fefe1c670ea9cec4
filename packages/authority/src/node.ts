export { type X509SvidEvidenceOptions, x509SvidEvidence } from "./evidence/x509-svid.ts";
export type { ListenOptions } from "./node/listen.ts";
export { connectionOf, type TrustedProxy } from "./node/node-connection.ts";
export { type ServedAuthority, type ServeOptions, serveAuthority } from "./node/serve-authority.ts";

// Reacting to events
export { AttestationEventHandler, type Handled } from "./attestation-event-handler.ts";
// Keeping them
export type { AuditEntry, AuditEvent, AuditHead } from "./audit/audit-entry.ts";
export { type AuditLog, createAuditLog } from "./audit/create-audit-log.ts";
export { readAuditLine } from "./audit/read-audit-line.ts";
export { type AuditProblem, type AuditVerdict, verifyAuditLog } from "./audit/verify-audit-log.ts";

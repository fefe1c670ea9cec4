// Attacks
export type { Attack, AttackCategory, AttackResult, ExchangeRecord } from "./attack.ts";
// Authorities
export {
  type AttackAuthorityOptions,
  type AuthorityAttackResult,
  attackAuthority,
} from "./authority/attack-authority.ts";
export { attacks } from "./catalogue/attacks.ts";
export { referenceAttacks } from "./catalogue/reference.ts";
// Reports
export { reportHtml } from "./report/report-html.ts";
export { reportMarkdown } from "./report/report-markdown.ts";
export { type ReportRow, reportRows, reportSummary } from "./report/report-rows.ts";
export { type AttackReport, type RunOptions, runAttacks } from "./run-attacks.ts";
// Targets
export type { Answer } from "./targets/answer.ts";
export type { AttackTarget, Channel } from "./targets/attack-target.ts";
export type {
  AttackCredentials,
  EnterpriseCredentials,
  HonestAgent,
  ListServerCredentials,
  StatusListCredentials,
} from "./targets/honest-agent.ts";
export { type HttpTargetOptions, httpTarget } from "./targets/http-target.ts";
export type { LabOptions, LabTool } from "./targets/lab-options.ts";
export type { LiveOptions } from "./targets/live-options.ts";
export type { Carrier, Era, Message, Occasion, OccasionOptions, PresentedCredentials } from "./targets/message.ts";
export type { Offer } from "./targets/offer.ts";
export { type StdioTargetOptions, stdioTarget } from "./targets/stdio-target.ts";
export { type VerifierTargetOptions, verifierTarget } from "./targets/verifier-target.ts";

import { address } from "./address.ts";
import { bodyParser } from "./body-parser.ts";
import { cors } from "./cors.ts";
import { aroundGate, failsOpen } from "./fails-open.ts";
import type { Check, Evidence, Finding } from "./finding.ts";
import { bodilessMethods, gate } from "./gate.ts";
import { reportOnly } from "./report-only.ts";

/** Every check, the gravest first. */
const CHECKS: readonly Check[] = [failsOpen, aroundGate, bodilessMethods, gate, bodyParser, reportOnly, address, cors];

/** What is set up wrongly, as far as it can be seen from outside; the gravest first. */
export function findMisconfigurations(evidence: Evidence): Finding[] {
  return CHECKS.flatMap((check) => [...check(evidence)]);
}

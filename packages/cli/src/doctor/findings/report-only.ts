import type { Check } from "./finding.ts";

/** The guard only reports: everything passes. */
export const reportOnly: Check = function* ({ advertised }) {
  if (advertised?.enforced !== false) return;
  yield {
    name: "report-only",
    level: "notice",
    seen: "The guard only reports (enforce: false): it lets everything pass and verifies nobody.",
    change:
      "See who would be refused with `attest report` on its audit log, then remove `enforce: false` from the guard's options.",
  };
};

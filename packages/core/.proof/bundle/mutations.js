import {
  tryAttestationEdits,
  tryMacProofEdits,
  tryProofEdits
} from "./chunk-LDJP6PRP.js";
import "./chunk-BHSXX57O.js";

// proof/mutations.ts
var accepted = 0;
for (const [name, attempt] of [
  ["attestation", tryAttestationEdits],
  ["proof", tryProofEdits],
  ["MAC proof", tryMacProofEdits]
]) {
  const started = performance.now();
  const report = await attempt();
  accepted += report.accepted.length;
  const seconds = ((performance.now() - started) / 1e3).toFixed(1);
  console.info(
    `${name}: ${report.tried} edits tried, ${report.accepted.length} accepted; ${report.bySignature} refused by the signature or MAC, all others before it (${seconds} s)`
  );
  for (const [code, count] of [...report.codes].sort(([, a], [, b]) => b - a)) console.info(`  ${code}: ${count}`);
}
if (accepted > 0) process.exitCode = 1;
//# sourceMappingURL=mutations.js.map
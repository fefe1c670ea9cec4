// Tries every single-character edit of one attestation, its proofs and a link: `pnpm --filter @attest/core mutations`.
import { tryAttestationEdits, tryLinkEdits, tryMacProofEdits, tryProofEdits } from "../test/mutations/try-edits.ts";

let accepted = 0;
for (const [name, attempt] of [
  ["attestation", tryAttestationEdits],
  ["proof", tryProofEdits],
  ["MAC proof", tryMacProofEdits],
  ["link of a chain", tryLinkEdits],
] as const) {
  const started = performance.now();
  const report = await attempt();
  accepted += report.accepted.length;
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.info(
    `${name}: ${report.tried} edits tried, ${report.accepted.length} accepted; ${report.bySignature} refused by the signature or MAC, all others before it (${seconds} s)`,
  );
  for (const [code, count] of [...report.codes].sort(([, a], [, b]) => b - a)) console.info(`  ${code}: ${count}`);
}
if (accepted > 0) process.exitCode = 1;

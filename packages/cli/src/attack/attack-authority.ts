import { attackAuthority } from "@attest/attacks";
import { answerIsBad, UsageError } from "../exit.ts";
import { readCredentialFile } from "../input/read-input.ts";
import { paint } from "../terminal/paint.ts";
import { printable, printableJson } from "../terminal/printable.ts";

/** What an attack on an authority is made of. */
export interface AuthorityAttackCommand {
  readonly authority: string;
  readonly credentialFile?: string;
  readonly rule?: string;
  readonly audience?: string;
  readonly json?: boolean;
}

const MARKS = { blocked: "green", breached: "red", inconclusive: "yellow" } as const;

/** Attacks an authority and says what got through. @throws UsageError; AttestationError as `attackAuthority`. */
export async function runAuthorityAttack(options: AuthorityAttackCommand): Promise<void> {
  const { authority, credentialFile, rule, audience, json = false } = options;
  if (credentialFile === undefined)
    throw new UsageError("--authority needs --credential-file: evidence that it admits");
  // Again for each request: what is used once must be renewed by anyone who writes the file.
  const credential = () => readCredentialFile(credentialFile, "--credential-file");
  const results = await attackAuthority({
    ...{ url: authority, credential },
    ...(rule !== undefined && { rule }),
    ...(audience !== undefined && { audience }),
  });
  console.log(json ? printableJson({ results }) : results.map(line).join("\n"));
  if (results.some(({ outcome }) => outcome !== "blocked")) answerIsBad();
}

function line({ id, description, outcome, evidence }: Awaited<ReturnType<typeof attackAuthority>>[number]): string {
  const verdict = paint(MARKS[outcome], outcome.toUpperCase().padEnd(12));
  return `${verdict}  ${id}  ${description}\n              ${printable(evidence)}`;
}

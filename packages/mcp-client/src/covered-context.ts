import type { CredentialContext } from "./credentials.ts";

/** What a proof covers besides the request, and nothing else that a context may hold. */
export function coveredContext({
  accessToken,
  sessionId,
}: CredentialContext): Pick<CredentialContext, "accessToken" | "sessionId"> {
  const covered: { accessToken?: string; sessionId?: string } = {};
  if (accessToken !== undefined) covered.accessToken = accessToken;
  if (sessionId !== undefined) covered.sessionId = sessionId;
  return covered;
}

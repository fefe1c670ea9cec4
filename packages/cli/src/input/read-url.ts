import { UsageError } from "../exit.ts";

/**
 * Reads the address of an MCP endpoint.
 *
 * @throws UsageError for what is no http or https URL, or holds a password.
 */
export function readUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== "http:" && url?.protocol !== "https:") throw new UsageError("URL must be an http or https URL");
  if (url.username !== "" || url.password !== "") throw new UsageError("URL must not hold a user name or password");
  return url;
}

import { attestationErrorOf } from "@attest/mcp-client";

/** How a host reaches its companion: `{ command, args }` that it starts, or `{ url, token }` on this machine. */
export const companion = JSON.parse(process.env.ATTEST_COMPANION);

/**
 * Calls both tools of the probe's server through the companion and tells it what came out.
 *
 * @param call Calls a tool by name and resolves to what a user of the client gets.
 */
export async function callBoth(call) {
  const whoami = JSON.stringify(await call("whoami"));
  const refused = await call("elsewhere").then(
    (answer) => ({ answer: JSON.stringify(answer) }),
    (error) => ({ reason: attestationErrorOf(error)?.reason, error: String(error) }),
  );
  console.log(JSON.stringify({ whoami, refused }));
}

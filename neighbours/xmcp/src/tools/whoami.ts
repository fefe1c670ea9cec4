import { attestationOf } from "@attest/mcp-server";
import { whoami } from "neighbour-kit/server";

export const schema = {};
export const metadata = { name: "whoami", description: "Says who calls" };

// biome-ignore lint/suspicious/noExplicitAny: the context of a tool
export default async function tool(_args: unknown, context: any) {
  return whoami(attestationOf(context));
}

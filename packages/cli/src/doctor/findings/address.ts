import type { Check } from "./finding.ts";

/** The address redirects, or an MCP server answers at another spelling of it only. */
export const address: Check = function* ({ url, initialize, spellings = [] }) {
  if (initialize.outcome !== "http") return;
  const { status, location } = initialize;
  if (status >= 300 && status < 400) {
    yield {
      name: "endpoint-redirects",
      level: "notice",
      seen: `${url} redirects (${status}) to ${location ?? "an address that it does not name"}. An attested client does not follow: credentials are for one address.`,
      change:
        "Give agents the address that answers, as their endpoint, byte for byte. Or serve at this one without a redirect.",
    };
    return;
  }
  const found = spellings.find(({ strangers }) =>
    strangers.some(({ probe }) => probe.outcome === "result" || probe.outcome === "error"),
  );
  if (!found) return;
  yield {
    name: "endpoint-spelling",
    level: "notice",
    seen: `Nothing at ${url} speaks MCP (${status}); an MCP server answers at ${found.url}.`,
    change:
      "Give agents that address as their endpoint. A client sends credentials to the very address that it was given, and to no other.",
  };
};

import { isIPv4, isIPv6 } from "node:net";

/**
 * Who counts as one client by address: an IPv4 address, or the /64 of an IPv6 address, as one host has all addresses of
 * that. An IPv4-mapped IPv6 address is the IPv4 address. Takes what proxies write: ports, brackets and zones are left out.
 * Everything that is no address is one client, `unknown`.
 */
export function clientOf(address: string | undefined): string {
  const [, bracketed, v4] = /^"?(?:\[([^\]]*)\]|([\d.]+))(?::\d+)?"?$/.exec(address ?? "") ?? [];
  const bare = (bracketed ?? v4 ?? address ?? "").replace(/%.*$/s, "");
  if (isIPv4(bare)) return bare;
  if (!isIPv6(bare)) return "unknown";
  const groups = groupsOf(bare);
  const [high = 0, low = 0] = groups.slice(6);
  const isMapped = groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff;
  if (isMapped) return [high >> 8, high & 0xff, low >> 8, low & 0xff].join(".");
  return `${groups
    .slice(0, 4)
    .map((group) => group.toString(16))
    .join(":")}::/64`;
}

/** The eight groups of an IPv6 address, in any of its spellings. */
function groupsOf(address: string): number[] {
  // The URL parser writes an embedded IPv4 address as two groups.
  const [left = "", right = ""] = new URL(`http://[${address}]/`).hostname.slice(1, -1).split("::");
  const [before, after] = [left, right].map((half) => (half === "" ? [] : half.split(":"))) as [string[], string[]];
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => "0");
  return [...before, ...zeros, ...after].map((group) => Number.parseInt(group, 16));
}

const IPV4 = /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}$/;

/**
 * Which client an address stands for: an IPv4 address for itself, an IPv6 address for its /64, since one host has all
 * addresses of that. An IPv4-mapped IPv6 address is the IPv4 address. Takes what proxies write: ports, brackets and zones are
 * left out. Everything that is no address is one client, `unknown`.
 */
export function clientOf(address: string | undefined): string {
  const [, bracketed, v4] = /^"?(?:\[([^\]]*)\]|([\d.]+))(?::\d+)?"?$/.exec(address ?? "") ?? [];
  const bare = (bracketed ?? v4 ?? address ?? "").replace(/%.*$/s, "");
  if (IPV4.test(bare)) return bare;
  const groups = groupsOf(bare);
  if (!groups) return "unknown";
  const [high = 0, low = 0] = groups.slice(6);
  const isMapped = groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff;
  if (isMapped) return [high >> 8, high & 0xff, low >> 8, low & 0xff].join(".");
  return `${groups
    .slice(0, 4)
    .map((group) => group.toString(16))
    .join(":")}::/64`;
}

/** The eight groups of an IPv6 address, in any of its spellings; `undefined` for anything else. */
function groupsOf(address: string): number[] | undefined {
  // The URL parser knows the grammar, and writes an embedded IPv4 address as two groups.
  if (!/^[0-9A-Fa-f:.]{2,45}$/.test(address) || !URL.canParse(`http://[${address}]/`)) return undefined;
  const [left = "", right = ""] = new URL(`http://[${address}]/`).hostname.slice(1, -1).split("::");
  const [before, after] = [left, right].map((half) => (half === "" ? [] : half.split(":"))) as [string[], string[]];
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => "0");
  return [...before, ...zeros, ...after].map((group) => Number.parseInt(group, 16));
}

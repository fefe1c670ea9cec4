/** The path of a URL below an authority's own addresses, or of the root, without a slash in front. */
export function pathBelow(bases: readonly URL[], url: string): string {
  const { pathname } = new URL(url);
  const base = bases.map((one) => one.pathname).find((one) => one !== "/" && pathname.startsWith(one));
  return pathname.slice((base ?? "/").length);
}

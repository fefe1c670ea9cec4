/** A path below an authority's own addresses, or below the root, without a slash in front. */
export function pathBelow(bases: readonly URL[], path: string): string {
  const base = bases.find(({ pathname }) => pathname !== "/" && path.startsWith(pathname));
  return path.slice((base?.pathname ?? "/").length);
}

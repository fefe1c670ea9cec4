/**
 * Other ways to write an endpoint's address that a router may take for the same: with or without the slash at the end, in the
 * other case. At most three.
 */
export function otherSpellings(url: URL): URL[] {
  const { pathname } = url;
  if (pathname === "/") return [];
  const slash = pathname.endsWith("/") ? pathname.slice(0, -1) : `${pathname}/`;
  const cases = [pathname.toLowerCase(), pathname.toUpperCase()].filter((path) => path !== pathname);
  return [slash, ...cases].map((path) => {
    const other = new URL(url);
    other.pathname = path;
    return other;
  });
}

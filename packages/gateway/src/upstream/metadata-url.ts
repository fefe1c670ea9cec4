/** Where the OAuth metadata of a protected resource is (RFC 9728 §3.1): between its host and its path. */
export function metadataUrl(resource: URL): URL {
  const path = resource.pathname === "/" ? "" : resource.pathname;
  return new URL(`/.well-known/oauth-protected-resource${path}`, resource);
}

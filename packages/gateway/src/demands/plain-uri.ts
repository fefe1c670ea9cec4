const FORM = /^[a-z][a-z0-9+.-]*:[A-Za-z0-9\-._~!$&'()*+,;=:@/?#%]*$/;
const HIDDEN = /%(?![0-9A-Fa-f]{2})|%(?:2e|2f|5c|25)/i;

/**
 * Whether every reader takes a URI for the same: it has no dot segment, no encoded one, no upper-case scheme, and nothing that
 * parsers change. SDKs resolve these before they look a resource up, so that another text can name it.
 */
export function isPlainUri(uri: string): boolean {
  if (!FORM.test(uri) || HIDDEN.test(uri)) return false;
  if (uri.split(/[/?#:]/).some((segment) => segment === "." || segment.startsWith(".."))) return false;
  // Host names are read without regard to case, where the scheme has them.
  return URL.canParse(uri) && [uri, `${uri}/`].includes(new URL(uri).href);
}

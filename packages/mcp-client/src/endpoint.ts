import { optionError } from "@attest/core";

/** The one address that credentials go to, compared byte for byte once it is parsed as a URL (SPEC-4.8). */
export class Endpoint {
  readonly #url: URL;
  /** The text that was this address last: a client sends every request with the same. */
  #known: string | undefined;

  /** @throws AttestationError `ERR_OPTION` if it is not an absolute URL. */
  constructor(url: string | URL) {
    const parsed = parse(url);
    if (!parsed) throw optionError("endpoint", "must be an absolute URL");
    this.#url = parsed;
  }

  /** Whether a URL is this address. */
  is(url: string | URL): boolean {
    const text = String(url);
    if (text === this.#known) return true;
    const isThis = parse(text)?.href === this.#url.href;
    if (isThis) this.#known = text;
    return isThis;
  }

  /** Whether a URL is of the same origin. */
  hasOriginOf(url: string | URL): boolean {
    return parse(url)?.origin === this.#url.origin;
  }

  /**
   * Whether a URL is another spelling of this address, such as one with a slash at its end. Servers may take both for one;
   * credentials go to the configured spelling only.
   */
  isMisspelt(url: string | URL): boolean {
    const parsed = parse(url);
    if (!parsed || parsed.origin !== this.#url.origin) return false;
    const sameQuery = this.#url.search === "" || this.#url.search === parsed.search;
    return sameQuery && pathOf(parsed) === pathOf(this.#url);
  }

  /** For people, as `shown`. */
  toString(): string {
    return shown(this.#url);
  }
}

/** A URL for people: without user information, and with `?[query]` for a query, since these may hold secrets. */
export function shown(url: string | URL): string {
  const parsed = parse(url);
  if (!parsed) return "an address that is not absolute";
  return `${parsed.origin}${parsed.pathname}${parsed.search === "" ? "" : "?[query]"}`;
}

function parse(url: string | URL): URL | undefined {
  if (!URL.canParse(String(url))) return undefined;
  const parsed = new URL(url);
  parsed.hash = "";
  return parsed;
}

/** A path in which spellings that differ in case, slashes or percent-encoding alone are one. */
function pathOf({ pathname }: URL): string {
  const plain = pathname.replace(/%[0-9a-f]{2}/gi, (code) => String.fromCharCode(Number.parseInt(code.slice(1), 16)));
  return plain.toLowerCase().replace(/\/+/g, "/").replace(/\/$/, "");
}

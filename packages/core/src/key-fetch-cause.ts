/**
 * Why a fetch of keys failed. A closed set, so it can be a label.
 *
 * `address`: the host is not at a public address. `dns`: its name does not resolve. `connection`: refused, unreachable, or
 * broken off. `tls`: the handshake or the certificate. `timeout`: no whole answer within the deadline. `redirect`: one that
 * is not followed. `status`: any other than 200. `size`: more bytes than allowed. `content`: not HTTP, not decodable, or not
 * a key set. `closed`: the resolver was closed. `other`: anything else.
 */
export type KeyFetchCause =
  | "address"
  | "dns"
  | "connection"
  | "tls"
  | "timeout"
  | "redirect"
  | "status"
  | "size"
  | "content"
  | "closed"
  | "other";

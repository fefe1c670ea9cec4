export { DocumentClient } from "./document-client.ts";
export {
  DOCUMENT_CLIENT_OPTIONS,
  type DocumentClientOptions,
  documentClientOptionsIn,
} from "./document-client-options.ts";
export type { FetchDocument, HostAddress, HostLookup } from "./http/connection.ts";
export type { FetchCause } from "./http/fetch-failure.ts";
export { RemoteDocument } from "./remote-document.ts";
export type { FetchResult, ParsedDocument, RemoteDocumentOptions, ServedDocument } from "./remote-document-options.ts";

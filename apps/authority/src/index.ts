export { type Authority, type AuthorityOptions, type AuthoritySettings, startAuthority } from "./start-authority.ts";

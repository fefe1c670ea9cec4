export { type AuthoritySettings, type AuthoritySettingsInput, parseSettings, readSettings } from "./settings.ts";
export { type Authority, startAuthority } from "./start-authority.ts";

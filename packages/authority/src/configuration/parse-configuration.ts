import { type ConfigurationForm, type ParsedConfiguration, parseConfiguration as parse } from "@attest/service";
import { type AuthorityConfigurationFile, schema } from "./schema.ts";

/** What an authority's configuration must be. */
export const FORM: ConfigurationForm<typeof schema> = {
  schema,
  // Members of the design that this version does not have yet.
  unknown: {
    storage: "is not in this version: there is no status list yet, so nothing has to be stored",
    statusList: "is not in this version",
  },
};

/** Reads an authority's configuration. @throws ConfigurationError. */
export function parseConfiguration(text: string, file: string): ParsedConfiguration<AuthorityConfigurationFile> {
  return parse(text, file, FORM);
}

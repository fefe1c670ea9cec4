import { type ConfigurationForm, type ParsedConfiguration, parseConfiguration as parse } from "@attest/service";
import { type AuthorityConfigurationFile, schema } from "./schema.ts";

/** What an authority's configuration must be. */
export const FORM: ConfigurationForm<typeof schema> = { schema, lacks: missingParts };

/** Reads an authority's configuration. @throws ConfigurationError. */
export function parseConfiguration(text: string, file: string): ParsedConfiguration<AuthorityConfigurationFile> {
  return parse(text, file, FORM);
}

/** Parts that do nothing without others. */
function missingParts({ storage, statusList, admin }: AuthorityConfigurationFile): [PropertyKey[], string][] {
  if (statusList) return [];
  const why = "does nothing without statusList";
  return [
    ...(storage ? [[["storage"], why] as [PropertyKey[], string]] : []),
    ...(admin?.token === undefined ? [] : [[["admin", "token"], why] as [PropertyKey[], string]]),
  ];
}

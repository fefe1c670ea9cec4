import { type ConfigurationForm, type ParsedConfiguration, parseConfiguration as parse } from "@attest/service";
import { type AuthorityConfigurationFile, schema } from "./schema.ts";

/** What an authority's configuration must be. */
export const FORM: ConfigurationForm<typeof schema> = {
  schema,
  lacks: (read) => [...missingParts(read), ...wrongKeys(read)],
};

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

/** Keys are in one place, and what is said of them fits that place. */
function wrongKeys({ keys }: AuthorityConfigurationFile): [PropertyKey[], string][] {
  if (!keys) return [];
  const { directory, postgres, kms, sealedWith, ...schedule } = keys;
  if ([directory, postgres, kms].filter((place) => place !== undefined).length !== 1) {
    return [[["keys"], "must have one of directory, postgres and kms"]];
  }
  if (postgres !== undefined && sealedWith === undefined) {
    return [[["keys"], "must have sealedWith: anyone who reads the database could sign otherwise"]];
  }
  const idle = kms ? Object.keys({ ...schedule, ...(sealedWith !== undefined && { sealedWith }) }) : [];
  return idle.map((member) => [["keys", member], "does nothing with kms"]);
}

/** Fields as a list of names and values, which Node writes as they are: an object it copies into a table of its own first. */
export function listed(headers: Readonly<Record<string, string>>): string[] {
  const list: string[] = [];
  for (const name of Object.keys(headers)) list.push(name, headers[name] as string);
  return list;
}

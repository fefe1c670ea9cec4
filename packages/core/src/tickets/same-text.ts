/**
 * Whether two texts are the same, in a time that depends on their lengths alone: where a guess differs from a MAC must not show in how
 * long the comparison takes.
 */
export function sameText(a: string, b: string): boolean {
  let difference = a.length ^ b.length;
  for (let i = 0; i < a.length; i++) difference |= a.charCodeAt(i) ^ b.charCodeAt(i);
  return difference === 0;
}

/**
 * Whether users besides the one of this process may use a file that holds a secret.
 *
 * A file of this user's is for this user alone. One that belongs to root, and that this user cannot change, may be readable by a group:
 * without that, or an access list, which shows as the group's rights, this user could not read it. Kubernetes (`fsGroup`) and
 * systemd (`LoadCredential`) hand out secrets in this way.
 *
 * @param file What the system says of it. @param user The effective user of this process.
 */
export function isOpenToOthers({ mode, uid }: { readonly mode: number; readonly uid: number }, user: number): boolean {
  const forbidden = uid === 0 && user !== 0 ? 0o037 : 0o077;
  return (mode & forbidden) !== 0;
}

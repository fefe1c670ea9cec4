/** Seconds from the end of the gateway to SIGTERM, and from there to SIGKILL. */
const PATIENCE = 2;

/**
 * Waits on descriptor 3, which ends with the gateway however that ends, and then ends the process group that it is in. It ignores
 * the signals by which the group is asked to end, so that it is there for as long as anything else of the group may be. The command
 * takes the place of the shell: its process is the leader of the group.
 */
const SCRIPT = `(
  trap "" HUP INT TERM
  IFS= read -r _ <&3
  sleep ${PATIENCE}
  kill -s TERM -- -$$
  sleep ${PATIENCE}
  kill -s KILL -- -$$
) </dev/null >/dev/null 2>&1 &
exec 3<&-
exec "$@"`;

/** A command as it is started. */
export interface StartedCommand {
  readonly command: string;
  readonly args: readonly string[];
  readonly stdio: "pipe"[];
}

/**
 * A command that ends when this process does, also if this process is killed: no handler of ours runs then, so a shell next to the
 * command waits for it. Start it detached, as the leader of a process group.
 *
 * Processes that leave their group are not reached: a container or a service manager ends those. On Windows nothing is watched.
 */
export function endWithParent(command: string, args: readonly string[]): StartedCommand {
  if (process.platform === "win32") return { command, args, stdio: ["pipe", "pipe", "pipe"] };
  const stdio: "pipe"[] = ["pipe", "pipe", "pipe", "pipe"];
  return { command: "/bin/sh", args: ["-c", SCRIPT, "attest-gateway", command, ...args], stdio };
}

// Runs a server that nobody changed, over HTTP.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect, createServer } from "node:net";

/** Starts a command that listens on the port in its environment. Resolves, once it does, to its process and its endpoint. */
export async function startServer(command) {
  const port = await freePort();
  const child = spawn(process.execPath, command, {
    env: { ...process.env, PORT: String(port) },
    stdio: ["ignore", "ignore", "inherit"],
  });
  while (!(await accepts(port))) if (child.exitCode !== null) throw new Error("The server ended");
  return { child, url: `http://127.0.0.1:${port}/mcp` };
}

async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  return port;
}

async function accepts(port) {
  const socket = connect(port, "127.0.0.1");
  const there = await once(socket, "connect").then(
    () => true,
    () => new Promise((resolve) => setTimeout(resolve, 50, false)),
  );
  socket.destroy();
  return there;
}

// Exit status 0 if a service says that it is well. Usage: node healthy.mjs URL
const { ok } = await fetch(process.argv[2]).catch(() => ({ ok: false }));
process.exit(ok ? 0 : 1);

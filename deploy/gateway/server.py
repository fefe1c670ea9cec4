"""An MCP server with one tool, which says who calls. It listens on loopback, where only the gateway reaches it.

Usage: server.py PORT GATEWAY_KEYS, the file with the gateway's public key set. Python's standard library is enough.
"""

import json
import signal
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from verified import Gateway, signature_holds

PORT, KEYS = int(sys.argv[1]), sys.argv[2]
with open(KEYS, encoding="utf-8") as file:
    KEY_SET = json.load(file)
# As in gateway.yaml: assertion.issuer and upstream.audience.
GATEWAY = Gateway("https://gateway.example", "https://bank.internal/mcp", KEY_SET["keys"], signature_holds)
MAX_BODY = 4 * 1024 * 1024
TOOL = {
    "name": "who_calls",
    "description": "Says which agent the gateway verified.",
    "inputSchema": {"type": "object", "properties": {}, "additionalProperties": False},
}


def result_of(method, params, claims):
    """The result of a request; None for a method that there is not."""
    if method == "initialize":
        return {
            "protocolVersion": "2025-06-18",
            "capabilities": {"tools": {}},
            "serverInfo": {"name": "bank", "version": "1.0.0"},
        }
    if method == "ping":
        return {}
    if method == "tools/list":
        return {"tools": [TOOL]}
    if method == "tools/call" and params.get("name") == TOOL["name"]:
        return {"content": [{"type": "text", "text": f"{claims['sub']}, trust {claims['trust_level']}"}]}
    return None


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 60

    def do_POST(self):
        length = self.headers.get("Content-Length", "")
        if self.path != "/mcp" or not length.isascii() or not length.isdigit() or int(length) > MAX_BODY:
            self.close_connection = True
            return self.answer(400)
        body = self.rfile.read(int(length))
        scheme, _, token = self.headers.get("Authorization", "").partition(" ")
        try:
            claims = GATEWAY.verified(
                self.headers.get("Agent-Attestation-Verified"),
                "POST",
                body,
                self.headers.get("Mcp-Session-Id"),
                token if scheme.lower() == "bearer" else None,
            )
            message = json.loads(body)
        except ValueError:
            return self.answer(400)
        if claims is None or not isinstance(message, dict):
            return self.answer(403)
        if "id" not in message:
            return self.answer(202)
        params = message.get("params")
        result = result_of(message.get("method"), params if isinstance(params, dict) else {}, claims)
        reply = {"jsonrpc": "2.0", "id": message["id"]}
        reply |= {"error": {"code": -32601, "message": "No such method or tool"}} if result is None else {"result": result}
        self.answer(200, json.dumps(reply).encode())

    def do_GET(self):
        self.answer(405)

    def answer(self, status, body=b""):
        self.send_response(status)
        if body:
            self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format, *args):
        """Nothing: the gateway logs what is refused."""


# The first process of a container ignores SIGTERM, unless it says otherwise.
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
server = ThreadingHTTPServer(("127.0.0.1", PORT), Handler)
print(f"http://127.0.0.1:{server.server_port}/mcp", flush=True)
server.serve_forever()

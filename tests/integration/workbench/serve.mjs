// What the page of the workbench needs, on the loopback: its files, and a socket to `postern lsp` for each client.
import { spawn, execFileSync } from "node:child_process";
import fs from "node:fs";
import http from "node:http";
import path from "node:path";
import { createRequire } from "node:module";

const require = createRequire(path.join(process.cwd(), "/"));
const { WebSocketServer } = require("ws");
const TYPES = { html: "text/html", js: "text/javascript", css: "text/css", json: "application/json", wasm: "application/wasm",
  svg: "image/svg+xml" };

// A message of the socket is a message of the server, without its header.
function bridge(socket, postern, folder) {
  const server = spawn(postern, ["lsp"], { cwd: folder, stdio: ["pipe", "pipe", "inherit"] });
  let have = Buffer.alloc(0);
  server.stdout.on("data", (data) => {
    have = Buffer.concat([have, data]);
    for (;;) {
      const end = have.indexOf("\r\n\r\n");
      if (end < 0) return;
      const size = Number(/Content-Length: (\d+)/i.exec(have.subarray(0, end))[1]);
      if (have.length < end + 4 + size) return;
      socket.send(have.subarray(end + 4, end + 4 + size).toString());
      have = have.subarray(end + 4 + size);
    }
  });
  socket.on("message", (data) => server.stdin.write(`Content-Length: ${data.length}\r\n\r\n${data}`));
  socket.on("close", () => server.kill());
  server.on("exit", () => socket.close());
}

// `given` is what the page is told; the server's address comes to it.
export async function serve({ out, postern, folder, given }) {
  const server = http.createServer((request, response) => {
    const [name, query] = request.url.split("?");
    if (name === "/given.json") {
      response.setHeader("Content-Type", TYPES.json);
      return response.end(JSON.stringify({ ...given, socket: `ws://127.0.0.1:${server.address().port}` }));
    }
    if (name === "/map")
      return response.end(execFileSync(postern, ["map", "-o", "-", decodeURIComponent(query)], { cwd: folder }));
    const file = path.join(out, name === "/" ? "index.html" : path.normalize(name));
    if (!file.startsWith(out) || !fs.existsSync(file)) {
      response.statusCode = 404;
      return response.end();
    }
    response.setHeader("Content-Type", TYPES[file.split(".").pop()] ?? "application/octet-stream");
    return fs.createReadStream(file).pipe(response);
  });
  new WebSocketServer({ server }).on("connection", (socket) => bridge(socket, postern, folder));
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  return server;
}

import { createServer, type Server } from "node:http";
import { connect } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { findFreePort } from "../postgres/index.ts";
import { openFrontDoor } from "./front-door.ts";

test("what begins with /agent reaches the gateway, all else reaches web", async () => {
  const { url } = await openDoor();
  expect(await text(`${url}/`)).toBe("web GET /");
  expect(await text(`${url}/agents`)).toBe("web GET /agents");
  expect(await text(`${url}/releases/agent?x=1`)).toBe("web GET /releases/agent?x=1");
  expect(await text(`${url}/agent`)).toBe("gateway GET /agent");
  expect(await text(`${url}/agent/enrol`, { method: "POST", body: "token" })).toBe(
    "gateway POST /agent/enrol token",
  );
});

test("apps learn who called, and a caller cannot pretend", async () => {
  const { url } = await openDoor("https://mail.example.net");
  const response = await fetch(`${url}/`, {
    headers: { "x-forwarded-for": "8.8.8.8", "x-forwarded-proto": "ftp" },
  });
  expect(response.headers.get("x-seen")).toBe("127.0.0.1 https");
});

test.each([
  ["what it saw", "203.0.113.9", "http", "203.0.113.9 http"],
  ["the hop before another proxy of ours", "8.8.8.8, 203.0.113.9, 10.1.2.3", "https", "203.0.113.9 https"],
  ["an address of IPv6", "2001:db8::7", "https", "2001:db8::7 https"],
  ["no more than what is an address", "nonsense", "gopher", "127.0.0.1 https"],
  ["nothing, when it says nothing", undefined, undefined, "127.0.0.1 https"],
])("a trusted proxy is believed about %s", async (_what, forwardedFor, forwardedProto, seen) => {
  const { url } = await openDoor("https://mail.example.net", ["127.0.0.0/8", "10.0.0.0/8"]);
  const response = await fetch(`${url}/`, {
    headers: {
      ...(forwardedFor === undefined ? {} : { "x-forwarded-for": forwardedFor }),
      ...(forwardedProto === undefined ? {} : { "x-forwarded-proto": forwardedProto }),
    },
  });
  expect(response.headers.get("x-seen")).toBe(seen);
});

test("who is no trusted proxy is not believed, also when there is one", async () => {
  const { url } = await openDoor("http://mail.example.net", ["10.0.0.0/8"]);
  const response = await fetch(`${url}/`, { headers: { "x-forwarded-for": "10.0.0.1" } });
  expect(response.headers.get("x-seen")).toBe("127.0.0.1 http");
});

test("a WebSocket of an agent is carried both ways", async () => {
  const { port } = await openDoor();
  const answer = await new Promise<string>((resolve, reject) => {
    const socket = connect(port, "127.0.0.1", () =>
      socket.write("GET /agent HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"),
    );
    let seen = "";
    socket.on("data", (chunk) => {
      seen += chunk;
      if (seen.endsWith("\r\n\r\n")) socket.write("ping");
      if (seen.endsWith("pong")) socket.end(() => resolve(seen));
    });
    socket.once("error", reject);
  });
  expect(answer).toBe("HTTP/1.1 101 Switching Protocols\r\n\r\npong");
});

test("while an app is down callers are told to try again", async () => {
  const { url, web } = await openDoor();
  await new Promise((resolve) => web.close(resolve));
  const response = await fetch(`${url}/`);
  expect(response.status).toBe(502);
  expect(response.headers.get("retry-after")).toBe("2");
});

test("a caller learns that an app died in the middle of its answer", async () => {
  const { url, web } = await openDoor();
  web.removeAllListeners("request");
  web.on("request", (_request, response) => response.write("half an ans"));
  const response = await fetch(`${url}/`);
  const reader = response.body?.getReader();
  await reader?.read();
  web.closeAllConnections();
  await expect(reader?.read()).rejects.toThrow();
});

test.each([
  [
    "a port that is taken",
    async () => ({ host: "127.0.0.1", port: (await openDoor()).port }),
    /Port \d+ on 127\.0\.0\.1 is taken by another program; stop it, or choose another port with --port\.$/,
  ],
  [
    "a foreign address",
    async () => ({ host: "203.0.113.7", port: await findFreePort() }),
    /has no address 203\.0\.113\.7/,
  ],
])("%s is refused with one sentence", async (_what, place, sentence) => {
  const { host, port } = await place();
  await expect(
    openFrontDoor({
      host,
      port,
      webPort: 1,
      gatewayPort: 2,
      publicUrl: "http://localhost",
      trustedProxies: [],
    }),
  ).rejects.toThrow(sentence);
});

async function openDoor(publicUrl = "http://localhost", trustedProxies: readonly string[] = []) {
  const [web, gateway] = [serve("web"), serve("gateway")];
  const [webPort, gatewayPort, port] = [await listen(web), await listen(gateway), await findFreePort()];
  const door = await openFrontDoor({
    host: "127.0.0.1",
    port,
    webPort,
    gatewayPort,
    publicUrl,
    trustedProxies,
  });
  onTestFinished(async () => {
    await door.close();
    for (const server of [web, gateway]) server.close();
  });
  return { url: `http://127.0.0.1:${port}`, port, web };
}

function serve(name: string): Server {
  const server = createServer(async (request, response) => {
    const body = (await request.toArray()).join("");
    response.setHeader(
      "x-seen",
      `${request.headers["x-forwarded-for"]} ${request.headers["x-forwarded-proto"]}`,
    );
    response.end([name, request.method, request.url, body].filter((part) => part !== "").join(" "));
  });
  server.on("upgrade", (_request, socket) => {
    socket.write("HTTP/1.1 101 Switching Protocols\r\n\r\n");
    socket.on("data", () => socket.write("pong"));
    socket.on("end", () => socket.end());
  });
  return server;
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve) =>
    server.listen(0, "127.0.0.1", () => resolve((server.address() as { port: number }).port)),
  );
}

async function text(url: string, options: RequestInit = {}): Promise<string> {
  return await (await fetch(url, options)).text();
}

import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { isWebhookTarget, webhookNetworksFrom } from "../context/index.ts";
import { postWebhook } from "./post-webhook.ts";
import { signWebhook } from "./sign-webhook.ts";

const open: Server[] = [];
afterEach(() => {
  for (const server of open.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});
async function listen(answer: RequestListener): Promise<string> {
  const server = createServer(answer);
  open.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://hook.example:${(server.address() as AddressInfo).port}/in`;
}
const here = { allowed: ["127.0.0.0/8"], resolve: async () => ["127.0.0.1"] };
const message = (url: string) => ({ url, body: '{"a":1}', headers: { "webhook-id": "1" } });

test("a body is posted whole with its headers, to the address that was judged", async () => {
  let seen: unknown;
  const url = await listen((request, response) => {
    let body = "";
    request.on("data", (chunk) => {
      body += chunk;
    });
    request.on("end", () => {
      seen = {
        body,
        id: request.headers["webhook-id"],
        host: request.headers.host?.split(":")[0],
        path: request.url,
      };
      response.writeHead(204).end();
    });
  });
  expect(await postWebhook(message(url), here)).toEqual({ kind: "sent" });
  expect(seen).toEqual({ body: '{"a":1}', id: "1", host: "hook.example", path: "/in" });
});

test.each([
  ["500", 500, { kind: "temporary", problem: "HTTP 500" }],
  ["404", 404, { kind: "temporary", problem: "HTTP 404" }],
  ["410", 410, { kind: "gone", problem: "HTTP 410: the endpoint is gone" }],
] as const)("an endpoint that answers %s is told apart", async (_name, status, outcome) => {
  const url = await listen((_request, response) => void response.writeHead(status).end());
  expect(await postWebhook(message(url), here)).toEqual(outcome);
});

test("a redirect is not followed, wherever it leads", async () => {
  let asked = 0;
  const url = await listen((_request, response) => {
    asked += 1;
    response.writeHead(307, { location: "http://169.254.169.254/latest/meta-data" }).end();
  });
  expect(await postWebhook(message(url), here)).toMatchObject({ kind: "temporary" });
  expect(asked).toBe(1);
});

test("an endpoint that never answers is given up, and one that never stops is cut off", async () => {
  const silent = await listen(() => undefined);
  expect(await postWebhook(message(silent), { ...here, timeoutMs: 80 })).toEqual({
    kind: "temporary",
    problem: "no answer within 0.08 s",
  });
  const endless = await listen((_request, response) => {
    response.writeHead(200);
    const more = () => {
      if (!response.destroyed && response.write("x".repeat(8192))) setImmediate(more);
    };
    response.on("drain", more);
    more();
  });
  expect(await postWebhook(message(endless), here)).toEqual({ kind: "sent" });
});

test.each([
  "127.0.0.1",
  "10.1.2.3",
  "172.20.0.1",
  "192.168.1.1",
  "169.254.169.254",
  "100.64.0.1",
  "0.0.0.0",
  "198.18.0.1",
  "224.0.0.1",
  "255.255.255.255",
  "::1",
  "::",
  "fe80::1",
  "fd00::1",
  "::ffff:127.0.0.1",
  "::ffff:a9fe:a9fe",
  "64:ff9b::a9fe:a9fe",
  "2002:7f00:1::",
  "ff02::1",
  "no address",
])("nothing is sent to %s unless its network is allowed", async (address) => {
  expect(isWebhookTarget(address)).toBe(false);
  const outcome = await postWebhook(message("https://hook.example/"), {
    allowed: [],
    resolve: async () => [address],
  });
  expect(outcome).toMatchObject({
    kind: "temporary",
    problem: expect.stringContaining("webhooks are not sent"),
  });
});

test.each([
  "http://127.0.0.1:1/",
  "http://2130706433/",
  "http://0x7f.1/",
  "https://[::1]/",
  "https://[::ffff:7f00:1]/",
])("an address in numbers, however it is written, is judged too: %s", async (url) => {
  const outcome = await postWebhook(message(url), { allowed: [], resolve: async () => ["203.0.114.1"] });
  expect(outcome).toMatchObject({ problem: expect.stringContaining("webhooks are not sent") });
});

test("a name of which one address lies inside is not trusted with the others", async () => {
  const resolve = async () => ["203.0.114.1", "10.0.0.1"];
  expect(await postWebhook(message("https://hook.example/"), { allowed: [], resolve })).toEqual({
    kind: "temporary",
    problem: "hook.example leads inside, where webhooks are not sent",
  });
});

test("where nobody listens inside, the address is not told", async () => {
  const url = await listen(() => undefined);
  for (const server of open.splice(0)) await new Promise((resolve) => server.close(resolve));
  const outcome = await postWebhook(message(url), here);
  expect(outcome).toMatchObject({ kind: "temporary", problem: expect.stringContaining("ECONNREFUSED") });
  expect(JSON.stringify(outcome)).not.toContain("127.0.0.1");
});

test("in the open world an address without TLS is refused", async () => {
  const resolve = async () => ["203.0.114.1"];
  expect(await postWebhook(message("http://hook.example/"), { allowed: [], resolve })).toMatchObject({
    kind: "permanent",
  });
});

test("networks are read, and what is none is named", () => {
  expect(webhookNetworksFrom("10.20.0.0/16, fd00::/8")).toEqual(["10.20.0.0/16", "fd00::/8"]);
  expect(webhookNetworksFrom(undefined)).toEqual([]);
  expect(isWebhookTarget("10.20.3.4", ["10.20.0.0/16"])).toBe(true);
  expect(isWebhookTarget("10.21.3.4", ["10.20.0.0/16"])).toBe(false);
  expect(() => webhookNetworksFrom("10.20.0.0")).toThrow(
    'WEBHOOK_NETWORKS has "10.20.0.0", which is no network',
  );
});

test("a signature is that of Standard Webhooks, over id, time and body", () => {
  const secret = `whsec_${Buffer.from("a key of thirty two bytes, or so").toString("base64")}`;
  const headers = signWebhook({ id: "msg", timestamp: 1_700_000_000, body: "{}" }, secret);
  const expected = createHmac("sha256", "a key of thirty two bytes, or so")
    .update("msg.1700000000.{}")
    .digest("base64");
  expect(headers).toEqual({
    "webhook-id": "msg",
    "webhook-timestamp": "1700000000",
    "webhook-signature": `v1,${expected}`,
  });
});

test("the sample in the runbook takes what is signed, and neither an old, nor a changed, nor a stranger's post", async () => {
  const runbook = readFileSync(join(import.meta.dirname, "../../../../docs/runbooks/webhooks.md"), "utf8");
  const sample = /```js\n([\s\S]*?)```/.exec(runbook)?.[1] ?? "";
  const { verify } = (await import(`data:text/javascript,${encodeURIComponent(sample)}`)) as {
    verify(
      headers: Record<string, string>,
      body: string,
      known: { secret: string; nowSeconds: number },
    ): boolean;
  };
  const secret = `whsec_${Buffer.from("a key of thirty two bytes, or so").toString("base64")}`;
  const timestamp = 1_700_000_000;
  const headers = signWebhook({ id: "msg", timestamp, body: "{}" }, secret);
  const known = { secret, nowSeconds: timestamp + 60 };
  expect(verify(headers, "{}", known)).toBe(true);
  expect(verify(headers, '{"a":1}', known)).toBe(false);
  expect(verify(headers, "{}", { ...known, nowSeconds: timestamp + 301 })).toBe(false);
  expect(verify(headers, "{}", { ...known, nowSeconds: timestamp - 301 })).toBe(false);
  expect(verify(headers, "{}", { ...known, secret: "whsec_b3RoZXI=" })).toBe(false);
  expect(verify({ ...headers, "webhook-id": "other" }, "{}", known)).toBe(false);
});

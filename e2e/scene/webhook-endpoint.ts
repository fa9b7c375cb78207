import { createHmac, timingSafeEqual } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Alert } from "@mailstead/core/alerts";
import { gatewayAddress } from "../lab/addresses.ts";
import type { Lab } from "../lab/lab.ts";

const labPort = 9443;

/** A receiver of alerts that a customer runs: it verifies each request as Standard Webhooks 1.0 says, and keeps it. */
export interface WebhookEndpoint {
  readonly url: string;
  /** What came with a signature that is right, oldest first, each request once. */
  verified(secret: string): readonly Alert[];
  /** How many requests came in all, right or wrong. */
  requests(): number;
  close(): Promise<void>;
}

/** Listens on this machine, and in the lab under an address and a certificate that the control plane can verify. */
export async function openWebhookEndpoint(lab: Lab): Promise<WebhookEndpoint> {
  const heard: { id: string; timestamp: string; signature: string; body: string }[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const header = (name: string) => String(request.headers[name] ?? "");
      heard.push({
        id: header("webhook-id"),
        timestamp: header("webhook-timestamp"),
        signature: header("webhook-signature"),
        body: Buffer.concat(chunks).toString("utf8"),
      });
      response.writeHead(204).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port: hostPort } = server.address() as AddressInfo;
  await lab.expose({ labPort, hostPort, tls: true });
  return {
    url: `https://${gatewayAddress.ipv4}:${labPort}/alerts`,
    requests: () => heard.length,
    verified(secret) {
      const key = Buffer.from(secret.replace(/^whsec_/, ""), "base64");
      const right = heard.filter(({ id, timestamp, body, signature }) => {
        const wanted = createHmac("sha256", key).update(`${id}.${timestamp}.${body}`).digest();
        const got = Buffer.from(signature.replace(/^v1,/, ""), "base64");
        return got.length === wanted.length && timingSafeEqual(got, wanted);
      });
      return [...new Map(right.map((one) => [one.id, one])).values()].map(
        ({ body }) => JSON.parse(body) as Alert,
      );
    },
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

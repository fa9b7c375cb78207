import { generateKeyPairSync } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { dnsChecks, newId } from "@mailstead/db";
import { makeDomain, makeServer } from "@mailstead/db/factories";
import { openTestDatabase, type TestDatabase } from "@mailstead/db/testing";
import { afterAll } from "vitest";
import type { PublishOutcome, PublishRequest } from "../dns/index.ts";
import { storeSealingKey } from "../secrets/index.ts";
import { openServiceTest, type ServiceTest } from "../testing/service-test.ts";
import { makeTestOpener } from "../testing/test-opener.ts";
import type { FeedWorker } from "./index.ts";

export interface Asked {
  readonly method: string;
  /** With the query, decoded. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

export interface Answer {
  readonly status?: number;
  readonly headers?: Record<string, string>;
  /** A text is sent as it is, everything else as JSON. */
  readonly body?: unknown;
  /** Promises more than it sends, and breaks off. */
  readonly isCut?: boolean;
}

/** Where Google and Microsoft are in a test: answers as the test says, and remembers what it was asked. */
export class TestProviders {
  readonly asked: Asked[] = [];
  answer: (asked: Asked) => Answer = () => ({ status: 404, body: {} });
  #url = "";
  readonly #server = createServer((request, response) => void this.#serve(request, response));

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    this.#url = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  stop(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  get url(): string {
    return this.#url;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const { method = "", url = "", headers } = request;
    const asked = {
      method,
      path: decodeURIComponent(url),
      headers,
      text: Buffer.concat(chunks).toString("utf8"),
    };
    this.asked.push(asked);
    const { status = 200, headers: own = {}, body = "", isCut = false } = this.answer(asked);
    const text = typeof body === "string" ? body : JSON.stringify(body);
    if (!isCut) {
      response.writeHead(status, own).end(text);
      return;
    }
    response.writeHead(status, { ...own, "content-length": String(text.length + 100) });
    response.write(text, () => response.destroy());
  }
}

/** A domain on a server, a worker that reads feeds, and the providers that it asks. */
export interface FeedWorld {
  readonly t: ServiceTest;
  readonly providers: TestProviders;
  readonly worker: FeedWorker;
  readonly domainId: string;
  readonly serverId: string;
  /** How long the worker waited between attempts, in milliseconds. */
  readonly waits: number[];
  readonly published: PublishRequest[];
  outcome: PublishOutcome;
  close(): Promise<void>;
}

let database: Promise<TestDatabase> | undefined;
afterAll(async () => (await database)?.close());

export const serverAddress = "198.51.100.7";

export async function openFeedWorld(): Promise<FeedWorld> {
  database ??= openTestDatabase();
  const t = await openServiceTest({ shared: await database });
  const providers = new TestProviders();
  await providers.start();
  const opener = makeTestOpener();
  await storeSealingKey(t.system, opener);
  const scope = { organisationId: t.organisationId, tenantId: t.tenantId };
  const server = await makeServer(t.database.admin, {
    ...scope,
    facts: { ipAddresses: [serverAddress, "10.0.0.7"] } as never,
  });
  const domain = await makeDomain(t.database.admin, { ...scope, name: "alpha.example", serverId: server.id });
  await storeCheck(t, { id: domain.id, kind: "ok" });
  const waits: number[] = [];
  const published: PublishRequest[] = [];
  const world: FeedWorld = {
    t,
    providers,
    worker: {
      app: t.database.app,
      installation: t.installation,
      opener,
      publisher: {
        publish(request) {
          published.push(request);
          return Promise.resolve(world.outcome);
        },
      },
      net: {
        googleApiUrl: providers.url,
        googleTokenUrl: `${providers.url}/token`,
        followLink: (link) => `${providers.url}${new URL(link).pathname}${new URL(link).search}`,
        wait(ms) {
          waits.push(ms);
          return Promise.resolve();
        },
        chance: () => 0.5,
      },
    },
    domainId: domain.id,
    serverId: server.id,
    waits,
    published,
    outcome: { kind: "by-hand" },
    async close() {
      providers.stop();
      await t.close();
    },
  };
  return world;
}

/** Keeps that a check saw, or did not see, the DKIM record of a domain named alpha.example. */
export async function storeCheck(
  t: ServiceTest,
  { id, kind, recordName = "ms202611a._domainkey.alpha.example" }: CheckToStore,
): Promise<void> {
  const record = { purpose: "dkim", name: recordName, type: "TXT", value: "v=DKIM1; p=" };
  await t.database.admin.query.insert(dnsChecks).values({
    id: newId(t.clock.now),
    organisationId: t.organisationId,
    tenantId: t.tenantId,
    domainId: id,
    checkedAt: t.clock.now,
    report: { kind: "checked", records: [{ record, verdict: { kind } }] },
  });
}

export interface CheckToStore {
  readonly id: string;
  readonly kind: "ok" | "missing";
  readonly recordName?: string;
}

export const oauth = {
  kind: "google-oauth" as const,
  clientId: "123-abc.apps.googleusercontent.com",
  clientSecret: "a-client-secret-that-nobody-sees",
  refreshToken: "1//a-refresh-token-that-nobody-sees",
};

export const serviceKey = generateKeyPairSync("rsa", { modulusLength: 2048 });
export const serviceAccount = {
  kind: "google-service-account" as const,
  key: JSON.stringify({
    type: "service_account",
    project_id: "p",
    private_key_id: "kid1",
    private_key: serviceKey.privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    client_email: "feeds@p.iam.gserviceaccount.com",
    token_uri: "https://oauth2.googleapis.com/token",
  }),
};

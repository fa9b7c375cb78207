import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, test } from "vitest";
import { compileAgent } from "../agent/agent-host.ts";
import { TestGateway } from "../agent/test-gateway.ts";
import { type Lab, openLab } from "../lab/lab.ts";
import type { AcceptanceCase } from "./acceptance-case.ts";
import { abuseCases } from "./cases/abuse.ts";
import { authenticationCases } from "./cases/authentication.ts";
import { inboundCases } from "./cases/inbound.ts";
import { mailboxCases } from "./cases/mailboxes.ts";
import { operationsCases } from "./cases/operations.ts";
import { outboundCases } from "./cases/outbound.ts";
import { spamCases } from "./cases/spam.ts";
import { giveTestSignatures, virusCase } from "./cases/virus.ts";
import type { MailHost } from "./mail-host.ts";
import { openMailHost } from "./open-mail-host.ts";

const servers = [
  { hostName: "mx1", suite: "bookworm", domain: "alpha.example", otherDomain: "gamma.example" },
  { hostName: "mx2", suite: "trixie", domain: "beta.example", otherDomain: "delta.example" },
] as const;

const cases: readonly AcceptanceCase[] = [
  ...authenticationCases,
  ...inboundCases,
  ...outboundCases,
  ...spamCases,
  ...mailboxCases,
  ...abuseCases,
  ...operationsCases,
];

const folder = await mkdtemp(join(tmpdir(), "mailstead-acceptance-"));
const gateway = new TestGateway();
const gatewayLabPort = 8080;
let lab: Lab;
let agentPath: string;

beforeAll(async () => {
  const hostPort = await gateway.listen();
  gateway.publicUrl = `http://control.lab:${gatewayLabPort}`;
  agentPath = await compileAgent(folder);
  lab = await openLab({
    hosts: servers.map(({ hostName, suite, domain }) => ({
      name: hostName,
      suite,
      image: "stack",
      hostname: `mail.${domain}`,
    })),
    zones: servers.flatMap(({ domain, otherDomain }) => [domain, otherDomain]),
    expose: [{ labPort: gatewayLabPort, hostPort }],
  });
});

afterAll(async () => {
  await gateway.close();
  await lab?.close();
  await rm(folder, { recursive: true, force: true });
});

describe.each(servers)("$suite", (plan) => {
  let server: MailHost;
  beforeAll(async () => {
    server = await openMailHost({ lab, gateway, agentPath }, plan);
  });

  test.each(cases.map((entry) => [entry.id, entry.promise, entry] as const))(
    "%s %s",
    async (_id, _promise, entry) => {
      await entry.run(server);
    },
  );

  test(`${virusCase.id} ${virusCase.promise}`, async () => {
    await giveTestSignatures(server);
    await server.withTarget({ stack: { ...server.target.stack, hasVirusScan: true } }, async () => {
      await giveTestSignatures(server);
      await virusCase.run(server);
    });
  });
});

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, test } from "vitest";
import { compileAgent } from "../agent/agent-host.ts";
import { TestGateway } from "../agent/test-gateway.ts";
import type { Suite } from "../lab/image-recipes.ts";
import { type Lab, openLab } from "../lab/lab.ts";
import type { AcceptanceCase } from "./acceptance-case.ts";
import { abuseCases } from "./cases/abuse.ts";
import { authenticationCases } from "./cases/authentication.ts";
import { inboundCases } from "./cases/inbound.ts";
import { mailboxCases } from "./cases/mailboxes.ts";
import { operationsCases } from "./cases/operations.ts";
import { outboundCases } from "./cases/outbound.ts";
import { providerRouteCases } from "./cases/provider-routes.ts";
import { reportCases } from "./cases/reports.ts";
import { senderCases } from "./cases/senders.ts";
import { spamCases } from "./cases/spam.ts";
import { transportSecurityCases } from "./cases/transport-security.ts";
import { expectNoVirusScan, expectVirusScan, signaturesArriveLate, virusCase } from "./cases/virus.ts";
import { webCases } from "./cases/web.ts";
import type { MailHost } from "./mail-host.ts";
import { openMailHost } from "./open-mail-host.ts";

const cases: readonly AcceptanceCase[] = [
  ...authenticationCases,
  ...inboundCases,
  ...reportCases,
  ...senderCases,
  ...outboundCases,
  ...transportSecurityCases,
  ...spamCases,
  ...mailboxCases,
  ...abuseCases,
  ...webCases,
  ...operationsCases,
];

const plan = { hostName: "mx", domain: "alpha.example", otherDomain: "gamma.example" };
const gatewayLabPort = 8080;

/** Declares every case as a test against one server of this suite, which the real agent has installed. */
export function describeAcceptance(title: string, suite: Suite): void {
  describe(title, () => {
    const gateway = new TestGateway();
    let folder: string;
    let lab: Lab;
    let server: MailHost;

    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), "mailstead-acceptance-"));
      const hostPort = await gateway.listen();
      gateway.publicUrl = `http://control.lab:${gatewayLabPort}`;
      const agentPath = await compileAgent(folder);
      lab = await openLab({
        hosts: [{ name: plan.hostName, suite, image: "stack", hostname: `mail.${plan.domain}` }],
        zones: [plan.domain, plan.otherDomain],
        expose: [{ labPort: gatewayLabPort, hostPort }],
      });
      server = await openMailHost({ lab, gateway, agentPath }, plan);
    });

    afterAll(async () => {
      await gateway.close();
      await lab?.close();
      await rm(folder, { recursive: true, force: true });
    });

    // What only our own tables decide is proved on the older Postfix; golden files show that the other gets the same.
    const own = suite === "bookworm" ? [...cases, ...providerRouteCases] : cases;
    test.each(own.map((entry) => [entry.id, entry.promise, entry] as const))(
      "%s %s",
      async (_id, _promise, entry) => {
        await entry.run(server);
      },
    );

    test(`${virusCase.id} ${virusCase.promise}`, async () => {
      // As on a new host, where ClamAV is to start before its first signatures have been fetched.
      const fetched = signaturesArriveLate(server);
      await server.withTarget({ stack: { ...server.target.stack, hasVirusScan: true } }, async () => {
        await fetched;
        await virusCase.run(server);
      });
      await expectNoVirusScan(server);
      await server.withTarget({ stack: { ...server.target.stack, hasVirusScan: true } }, async () => {
        await expectVirusScan(server);
        await server.converge();
      });
    });
  });
}

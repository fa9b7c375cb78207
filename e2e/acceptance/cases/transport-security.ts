import assert from "node:assert/strict";
import { authorityAddress, resolverAddress } from "../../lab/addresses.ts";
import type { AcceptanceCase } from "../acceptance-case.ts";
import { type MailHost, uniqueSubject } from "../mail-host.ts";
import { type SecuredExchanger, securedExchanger } from "../secured-exchanger.ts";

/** Group C, what the server demands of a receiver before it hands mail over. */
export const transportSecurityCases: readonly AcceptanceCase[] = [
  {
    id: "AT-C08",
    promise:
      "a receiver with DANE gets mail only over TLS with the key of its TLSA record, whatever MTA-STS says and whoever replaces resolv.conf, and one in an unsigned zone as before",
    async run(server) {
      const exchanger = await securedExchanger(server.lab);
      const { rightTlsa, wrongTlsa, unsigned } = exchanger.domains;
      // As a DHCP client does at each renewal.
      await server.shell(
        "cp /etc/resolv.conf /etc/resolv.conf.new && mv /etc/resolv.conf.new /etc/resolv.conf",
      );
      await server.waitFor("Postfix to have its own resolver again", async () =>
        /nameserver 127\.0\.0\.55/.test(await server.shell(seenByPostfix)) ? true : undefined,
      );
      const subject = uniqueSubject("AT-C08");
      const domains = [rightTlsa, wrongTlsa, unsigned].map(({ domain }) => domain);
      await sendTo(server, { domains, subject });
      const fates = await fatesOf(server, domains);
      assert.match(fates[rightTlsa.domain] ?? "", /status=sent/);
      assert.match(fates[wrongTlsa.domain] ?? "", /status=deferred \(.*certificate not (verified|trusted)/i);
      assert.match(fates[unsigned.domain] ?? "", /status=sent/);
      assert.deepEqual(recipientsOf(exchanger, subject), [
        `eve@${unsigned.domain}`,
        `eve@${rightTlsa.domain}`,
      ]);
      assert.match(await mailLog(server), connectedBy("Verified", rightTlsa.exchange));
      assert.match(await mailLog(server), connectedBy("(Untrusted|Trusted|Anonymous)", unsigned.exchange));
      await forget(server, domains);
    },
  },
  {
    id: "AT-C08",
    promise: "while the host's resolver is down mail waits, unsent and unbounced, and goes once it is back",
    async run(server) {
      const exchanger = await securedExchanger(server.lab);
      const { domain } = exchanger.domains.rightTlsa;
      const subject = uniqueSubject("AT-C08");
      await server.shell("systemctl stop mailstead-resolver.service");
      try {
        await sendTo(server, { domains: [domain], subject });
        const waiting = await server.waitFor("the mail to be deferred", async () =>
          lineOf(await mailLog(server), { domain, fate: /status=deferred \(.*(name service|lookup) error/i }),
        );
        assert.ok(waiting);
        assert.deepEqual(recipientsOf(exchanger, subject), []);
      } finally {
        await server.shell("systemctl start mailstead-resolver.service");
      }
      await server.shell("postqueue -f");
      await server.waitFor("the mail to arrive", async () =>
        recipientsOf(exchanger, subject).length > 0 ? true : undefined,
      );
    },
  },
  {
    id: "AT-C09",
    promise:
      "a receiver that enforces MTA-STS gets mail only at an exchange that its policy names, with a certificate of that name",
    async run(server) {
      const exchanger = await securedExchanger(server.lab);
      const { goodPolicy, badCertificate, badExchange } = exchanger.domains;
      const subject = uniqueSubject("AT-C09");
      const domains = [goodPolicy, badCertificate, badExchange].map(({ domain }) => domain);
      await sendTo(server, { domains, subject });
      const fates = await fatesOf(server, domains);
      assert.match(fates[goodPolicy.domain] ?? "", /status=sent/);
      for (const { domain } of [badCertificate, badExchange])
        assert.match(fates[domain] ?? "", /status=deferred \(.*certificate not (verified|trusted)/i);
      assert.deepEqual(recipientsOf(exchanger, subject), [`eve@${goodPolicy.domain}`]);
      assert.match(await mailLog(server), connectedBy("Verified", goodPolicy.exchange));
      await forget(server, domains);
    },
  },
  {
    id: "AT-C09",
    promise:
      "where no name server may be asked, the resolvers that the settings name are, with DANE as before, and a receiver whose TLS is broken gets mail for as long as an exception names it",
    async run(server) {
      const exchanger = await securedExchanger(server.lab);
      const { rightTlsa, wrongTlsa, broken } = exchanger.domains;
      const domains = [rightTlsa, wrongTlsa, broken].map(({ domain }) => domain);
      const subjects = { during: uniqueSubject("AT-C09"), after: uniqueSubject("AT-C09") };
      const exception = { domain: broken.domain, reason: "they renew on Monday", until: "2999-12-31" };
      const stack = { ...server.target.stack, dnsForwarders: [resolverAddress.ipv4] };
      const block = await server.lab.faults.cutOff(server.host, authorityAddress);
      try {
        await server.withTarget({ stack, tlsExceptions: [exception] }, async () => {
          await sendTo(server, { domains, subject: subjects.during });
          const fates = await fatesOf(server, domains);
          await block.end();
          assert.match(fates[rightTlsa.domain] ?? "", /status=sent/);
          assert.match(
            fates[wrongTlsa.domain] ?? "",
            /status=deferred \(.*certificate not (verified|trusted)/i,
          );
          assert.match(fates[broken.domain] ?? "", /status=sent/);
          assert.match(await mailLog(server), connectedBy("Verified", rightTlsa.exchange));
        });
      } finally {
        await block.end();
      }
      assert.deepEqual(recipientsOf(exchanger, subjects.during), [
        `eve@${broken.domain}`,
        `eve@${rightTlsa.domain}`,
      ]);
      await sendTo(server, { domains: [broken.domain], subject: subjects.after });
      await server.waitFor("the receiver to be refused again", async () =>
        /status=deferred \(.*certificate not (verified|trusted)/i.test(
          (await fatesOf(server, [broken.domain]))[broken.domain] ?? "",
        )
          ? true
          : undefined,
      );
      assert.deepEqual(recipientsOf(exchanger, subjects.after), []);
      await forget(server, domains);
    },
  },
];

const seenByPostfix =
  "nsenter --mount --target $(tr -d ' ' </var/spool/postfix/pid/master.pid) -- cat /etc/resolv.conf";

/** One message to Eve at each of these domains, which Postfix delivers to each of them by itself. */
async function sendTo(
  server: MailHost,
  { domains, subject }: { domains: readonly string[]; subject: string },
): Promise<void> {
  const from = `ann@${server.domain}`;
  await server.shell(
    `from=$1 subject=$2; shift 2; printf 'From: %s\\nSubject: %s\\n\\nHello.\\n' "$from" "$subject" | /usr/sbin/sendmail -f "$from" "$@"`,
    from,
    subject,
    ...domains.map((domain) => `eve@${domain}`),
  );
}

/** What the log says of the delivery to each domain, once it has said that of all. */
async function fatesOf(server: MailHost, domains: readonly string[]): Promise<Record<string, string>> {
  return await server.waitFor("each delivery to be tried", async () => {
    const lines = (await mailLog(server)).split("\n");
    const fates = domains.map(
      (domain) => [domain, lines.findLast((line) => line.includes(`to=<eve@${domain}>`))] as const,
    );
    return fates.every(([, line]) => line !== undefined)
      ? Object.fromEntries(fates.map(([domain, line]) => [domain, line ?? ""]))
      : undefined;
  });
}

function lineOf(log: string, { domain, fate }: { domain: string; fate: RegExp }): string | undefined {
  return log.split("\n").findLast((line) => line.includes(`to=<eve@${domain}>`) && fate.test(line));
}

function mailLog(server: MailHost): Promise<string> {
  return server.shell("journalctl -b --no-pager -o cat --facility=mail --since=-60s");
}

function connectedBy(trust: string, exchange: string): RegExp {
  return new RegExp(`${trust} TLS connection established to ${exchange.replaceAll(".", "\\.")}\\[`);
}

function recipientsOf({ mails }: SecuredExchanger, subject: string): string[] {
  const taken = mails.filter(({ text }) => text.includes(subject));
  assert.ok(taken.every(({ isEncrypted }) => isEncrypted));
  return taken.flatMap(({ recipients }) => recipients).toSorted();
}

/** Takes what was deferred out of the queue, so that it troubles no other case. */
async function forget(server: MailHost, domains: readonly string[]): Promise<void> {
  const words = domains.map((domain) => `-e @${domain}`).join(" ");
  await server.shell(
    `postqueue -j | grep -F ${words} | sed -E 's/.*"queue_id": ?"([^"]+)".*/\\1/' | postsuper -d - 2>&1`,
  );
}

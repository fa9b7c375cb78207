import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { noDns, noOverrides, type TargetDns, targetDnsSchema } from "@mailstead/core/servers";
import { signerText, type ZoneRecord } from "@mailstead/core/zones";
import { afterAll, beforeAll, expect, it } from "vitest";
import { sealSecret } from "../acceptance/seal-secret.ts";
import { compileAgent, storyOf } from "../agent/agent-host.ts";
import { ManagedHost } from "../agent/managed-host.ts";
import { TestGateway, type TrackedJob } from "../agent/test-gateway.ts";
import { gatewayAddress, resolverAddress } from "../lab/addresses.ts";
import { describeLab } from "../lab/describe-lab.ts";
import { type Lab, openLab } from "../lab/lab.ts";
import { waitFor } from "../lab/wait-for.ts";
import { canSignIn, readLetter, submitLetter } from "../scene/mail-client.ts";
import {
  accountOn,
  bringLetter,
  mailboxAddress,
  queueOf,
  type Sharing,
  senderDomain,
  shareDomain,
  sharedDomain,
} from "./shared-domain.ts";

const labPort = 8080;
const zone = "hosted.example";
const secret = Buffer.alloc(32, 9).toString("base64");

describeLab("a zone and a domain on a Debian 12 primary and a Debian 13 secondary", () => {
  const gateway = new TestGateway();
  let lab: Lab;
  let folder: string;
  let primary: ManagedHost;
  let secondary: ManagedHost;

  beforeAll(async () => {
    const hostPort = await gateway.listen();
    gateway.publicUrl = `http://control.lab:${labPort}`;
    folder = mkdtempSync(join(tmpdir(), "zones-"));
    const agentPath = await compileAgent(folder);
    lab = await openLab({
      hosts: [
        { name: "ns1", suite: "bookworm", image: "stack" },
        { name: "ns2", suite: "trixie", image: "stack" },
      ],
      expose: [{ labPort, hostPort }],
      receivers: false,
      zones: [senderDomain, sharedDomain],
    });
    await lab.dns.setRecords(sharedDomain, [
      { name: sharedDomain, type: "MX", records: [`10 ${lab.host("ns1").description.hostname}.`] },
    ]);
    await lab.dns.setRecords(senderDomain, [
      { name: senderDomain, type: "MX", records: [`10 mx.${senderDomain}.`] },
      { name: `mx.${senderDomain}`, type: "A", records: [gatewayAddress.ipv4] },
      { name: senderDomain, type: "TXT", records: [`"v=spf1 ip4:${gatewayAddress.ipv4} -all"`] },
    ]);
    [primary, secondary] = await Promise.all([
      ManagedHost.enrol({ lab, gateway, host: lab.host("ns1"), agentPath }),
      ManagedHost.enrol({ lab, gateway, host: lab.host("ns2"), agentPath }),
    ]);
  });
  afterAll(async () => {
    await lab?.close();
    await gateway.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const addressesOf = ({ host }: ManagedHost) => [host.description.ipv4, host.description.ipv6];
  const base = (peer: ManagedHost, own: ManagedHost) => ({
    name: zone,
    peerAddresses: addressesOf(peer),
    transferSecret: sealSecret(secret, own.agent.sealingPublicKey),
  });
  const dnsOf = (own: ManagedHost, zones: object): TargetDns =>
    targetDnsSchema.parse({ hasServed: true, listenAddresses: addressesOf(own), zones });
  const dnsOfPrimary = (records: readonly Partial<ZoneRecord>[]) =>
    dnsOf(primary, [
      {
        role: "primary",
        ...base(secondary, primary),
        serial: 1_700_000_000,
        nameServers: [
          { name: `ns1.${zone}`, addresses: addressesOf(primary) },
          { name: `ns2.${zone}`, addresses: addressesOf(secondary) },
        ],
        records: records.map((record) => ({ ttlSeconds: 60, ...record })),
      },
    ]);
  const text = (value: string) => ({ name: zone, type: "TXT" as const, value });
  const rareRecords: Partial<ZoneRecord>[] = [
    { name: zone, type: "HTTPS", value: "1 . alpn=h2,h3 key65280=x" },
    { name: zone, type: "NAPTR", value: '1 2 "u" "E2U+sip" "!^.*$!sip:a@b.example!" .' },
    { name: zone, type: "TYPE65280", value: "\\# 2 0a0b" },
    { name: `_smimecert.${zone}`, type: "SMIMEA", value: "3 0 0 0a0b" },
    { name: `_openpgpkey.${zone}`, type: "OPENPGPKEY", value: "mQINBA==" },
  ];
  const problemOf = (job: TrackedJob): string => (job.outcome?.kind === "failed" ? job.outcome.problem : "");

  const dig = async (server: string, ...question: readonly string[]): Promise<string> =>
    (await lab.runTool(["dig", "+time=2", "+tries=1", `@${server}`, ...question])).stdout;
  const ask = async ({ host }: ManagedHost, type: string, name = zone): Promise<string> =>
    (await dig(host.description.ipv4, "+short", name, type)).trim();
  const serialOf = async (server: ManagedHost) => Number((await ask(server, "SOA")).split(" ")[2]);
  const validated = () => dig(resolverAddress.ipv4, "+dnssec", zone, "TXT");
  const isSecure = (answer: string) => /status: NOERROR/.test(answer) && /flags:[^;]* ad[ ;]/.test(answer);
  const untilBothSay = (value: string) =>
    waitFor(`both name servers to say ${value}`, async () => {
      const said = [await ask(primary, "TXT"), await ask(secondary, "TXT")];
      return said.every((one) => one === `"${value}"`);
    });

  it("is signed by the one and transferred to the other, and neither tells more than it should", async () => {
    const [one, other] = await Promise.all([
      primary.converge({ dns: dnsOfPrimary([text("first")]) }),
      secondary.converge({ dns: dnsOf(secondary, [{ role: "secondary", ...base(primary, secondary) }]) }),
    ]);
    expect(one.outcome, storyOf(one)).toMatchObject({ kind: "succeeded" });
    expect(other.outcome, storyOf(other)).toMatchObject({ kind: "succeeded" });
    await untilBothSay("first");
    expect(await serialOf(secondary)).toBe(await serialOf(primary));
    for (const server of [primary, secondary]) {
      const { ipv4, ipv6 } = server.host.description;
      expect(await dig(ipv6, "+dnssec", zone, "TXT")).toMatch(/flags: qr aa rd;[\s\S]*RRSIG\tTXT 13 2 /);
      expect(await dig(ipv4, "+tcp", "+short", `missing.${zone}`, "A")).toBe("");
      expect(await dig(ipv4, zone, "AXFR")).toContain("Transfer failed.");
      expect(await dig(ipv4, "elsewhere.example", "A")).toContain("status: REFUSED");
      expect(await dig(ipv4, "+short", "version.bind", "CH", "TXT")).toBe("");
      expect((await server.command("plan")).stdout).toContain("Nothing to do");
    }
  });

  it("is believed by a validating resolver once the DS that the primary reported stands above it", async () => {
    const signers = await waitFor("the keys in the primary's report", () => {
      const found = primary.agent.report?.zoneKeys.find((keys) => keys.zone === zone);
      return found?.signers.map(signerText);
    });
    const delegation = [primary, secondary].flatMap(({ host }, index) => [
      { name: `ns${index + 1}.${zone}`, type: "A", records: [host.description.ipv4] },
      { name: `ns${index + 1}.${zone}`, type: "AAAA", records: [host.description.ipv6] },
    ]);
    await lab.dns.setRecords(".", [
      { name: zone, type: "NS", records: [`ns1.${zone}.`, `ns2.${zone}.`] },
      ...delegation,
    ]);
    await waitFor("the resolver to find the zone", async () => (await validated()).includes('"first"'));
    expect(isSecure(await validated())).toBe(false);
    await lab.dns.setRecords(".", [{ name: zone, type: "DS", records: signers }]);
    await waitFor("the resolver to say secure", async () => isSecure(await validated()));
  });

  it("brings a changed record to the secondary with the same, higher serial", async () => {
    const before = await serialOf(primary);
    const job = await primary.converge({ dns: dnsOfPrimary([text("second"), ...rareRecords]) });
    expect(job.outcome, storyOf(job)).toMatchObject({ kind: "succeeded" });
    await untilBothSay("second");
    expect(await ask(secondary, "HTTPS")).toBe('1 . alpn="h2,h3" key65280="x"');
    expect(await ask(secondary, "NAPTR")).toBe('1 2 "u" "E2U+sip" "!^.*$!sip:a@b.example!" .');
    expect(await ask(secondary, "TYPE65280")).toBe("\\# 2 0A0B");
    expect(await serialOf(primary)).toBeGreaterThan(before);
    expect(await serialOf(secondary)).toBe(await serialOf(primary));
    expect(storyOf(job)).not.toContain("restart");
    expect(isSecure(await validated())).toBe(true);
  });

  it.each([
    {
      what: "an alias beside other records",
      records: [text("third"), { name: zone, type: "CNAME" as const, value: "elsewhere.example" }],
      says: /is an alias \(CNAME\), and beside an alias nothing else may stand/,
    },
    {
      what: "a delegation to a name server that nobody can find",
      records: [text("third"), { name: `dept.${zone}`, type: "NS" as const, value: `ns.dept.${zone}` }],
      says: /^knot refuses its new configuration, so it keeps the one it has: .*glue/,
    },
  ])("refuses $what with a sentence and serves on what it had", async ({ records, says }) => {
    const before = await serialOf(primary);
    const job = await primary.converge({ dns: dnsOfPrimary(records) });
    expect(job.outcome, storyOf(job)).toMatchObject({ kind: "failed", retry: "permanent" });
    expect(problemOf(job)).toMatch(says);
    expect(await ask(primary, "TXT")).toBe('"second"');
    expect(await serialOf(primary)).toBe(before);
  });

  const share = (role: Sharing["role"]) =>
    shareDomain(
      { home: primary, helper: secondary, role },
      {
        home: { dns: dnsOfPrimary([text("second")]) },
        helper: {
          ...withoutGreylisting,
          dns: dnsOf(secondary, [{ role: "secondary", ...base(primary, secondary) }]),
        },
      },
    );
  // What comes from the lab itself proves too little of itself to be taken at its first attempt.
  const withoutGreylisting = {
    overrides: { ...noOverrides, rspamd: { "local.d/greylist.conf": "enabled = false;\n" } },
  };
  const subject = "Kept for you";

  it("has a backup take mail for those whom the home would take it for, and refuse everybody else", async () => {
    await share("backup-mx");
    await primary.host.stop();
    const refused = await bringLetter(lab, secondary, { to: `nobody@${sharedDomain}`, subject });
    expect(refused).toMatch(/^< 550 5\.1\.1 .*User unknown in relay recipient table/m);
    const elsewhere = await bringLetter(lab, secondary, { to: "nobody@elsewhere.example", subject });
    expect(elsewhere).toMatch(/^< (454|554) .*Relay access denied/m);
    const taken = await bringLetter(lab, secondary, { to: `info@${sharedDomain}`, subject });
    expect(taken).toMatch(/^< 250 2\.0\.0 Ok: queued/m);
    await waitFor("the letter to wait", async () =>
      (await queueOf(secondary)).includes(`info@${sharedDomain}`),
    );
    await expect(canSignIn(lab, accountOn(secondary))).resolves.toBe(false);
  });

  it("is answered for by the secondary, and still believed, while the primary is down", async () => {
    expect(await ask(secondary, "TXT")).toBe('"second"');
    await waitFor("the resolver to answer by the secondary", async () => isSecure(await validated()));
    await primary.host.start();
    await waitFor("the primary to answer again", async () => (await ask(primary, "TXT")) === '"second"');
    expect(await serialOf(primary)).toBe(await serialOf(secondary));
  });

  it("gets what the backup kept once it is back", async () => {
    await waitFor("the home to serve mail again", () => primary.servesMail());
    await secondary.host.must(["postqueue", "-f"]);
    const letter = await readLetter(lab, accountOn(primary), { subject });
    expect(letter).toMatch(/^Authentication-Results: [\s\S]*spf=pass/m);
    expect(await queueOf(secondary)).toContain("Mail queue is empty");
  });

  it("sends through its outbound server, which lets nobody else send and people sign in", async () => {
    await share("outbound");
    const to = `eve@${senderDomain}`;
    await submitLetter(lab, accountOn(primary), { to, subject: "By the other one" });
    await waitFor("the letter on the outbound server", async () => (await queueOf(secondary)).includes(to));
    expect(await queueOf(primary)).toContain("Mail queue is empty");
    await submitLetter(lab, accountOn(secondary), { to: mailboxAddress, subject: "Handed in elsewhere" });
    await readLetter(lab, accountOn(primary), { subject: "Handed in elsewhere" });
    expect(await bringLetter(lab, secondary, { to, subject })).toMatch(/^< (454|554) .*Relay access denied/m);
  });

  it("is signed anew by the secondary when that takes the primary's place, and goes back to it as a copy", async () => {
    const keysBefore = await ask(secondary, "DNSKEY");
    const [former] = dnsOfPrimary([text("third")]).zones;
    const promoted = { ...former, ...base(primary, secondary), serial: (await serialOf(secondary)) + 1 };
    const jobs = [
      await secondary.converge({ dns: dnsOf(secondary, [promoted]) }),
      await primary.converge({ dns: dnsOf(primary, [{ role: "secondary", ...base(secondary, primary) }]) }),
    ];
    for (const job of jobs) expect(job.outcome, storyOf(job)).toMatchObject({ kind: "succeeded" });
    await untilBothSay("third");
    const keys = (await ask(primary, "DNSKEY")).split("\n");
    expect(keys).toHaveLength(2);
    for (const key of keys) expect(keysBefore).not.toContain(key);
  });

  it("is gone from a host that hosts it no longer, and Knot with it", async () => {
    const job = await secondary.converge({ dns: { ...noDns, hasServed: true } });
    expect(job.outcome, storyOf(job)).toMatchObject({ kind: "succeeded" });
    expect(await secondary.isUp("knot.service")).toBe(false);
    expect((await secondary.command("plan")).stdout).toContain("Nothing to do");
  });
});

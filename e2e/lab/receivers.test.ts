import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { describeLab } from "./describe-lab.ts";
import { type Lab, openLab } from "./lab.ts";

describeLab("the lab's receivers", () => {
  let lab: Lab;

  beforeAll(async () => {
    lab = await openLab({
      hosts: [{ name: "sender", suite: "bookworm", hostname: "mail.alpha.example" }],
      zones: ["alpha.example"],
    });
  });
  afterAll(() => lab?.close());
  beforeEach(async () => {
    await lab.receivers.setPolicy({});
    await lab.receivers.clear();
  });

  it("take signed mail from each other and find SPF, DKIM and DMARC to pass, over TLS", async () => {
    const result = await lab.receivers.send({
      from: "ann@gmail.com",
      to: "bob@receiver.example",
      subject: "Hello",
    });
    expect(result).toMatchObject({ code: 250, server: "mx.receiver.example [198.51.100.24]" });
    const mail = await lab.receivers.waitForMail((one) => one.recipients.includes("bob@receiver.example"));
    expect(mail).toMatchObject({ isEncrypted: true, hasReverseName: true, client: "198.51.100.21" });
    expect(mail.facts).toMatchObject({ spf: "pass", dmarc: "pass", headerFrom: "gmail.com" });
    expect(mail.facts.dkim).toMatchObject([{ result: "pass", domain: "gmail.com", algorithm: "rsa-sha256" }]);
    expect(mail.raw).toContain("Subject: Hello");
  });

  it("refuse a forged sender with the provider's own words for a DMARC policy", async () => {
    const forged = { from: "ann@yahoo.com", envelopeSender: "x@alpha.example", isSigned: false };
    const answer = await lab.receivers.send({ ...forged, to: "bob@gmail.com" });
    expect(answer.code).toBe(550);
    expect(answer.text).toContain("5.7.26 Unauthenticated email from yahoo.com is not accepted");
    expect((await lab.receivers.send({ ...forged, to: "bob@outlook.com" })).text).toContain("5.7.509");
  });

  it("say over either family what a client without reverse DNS is told", async () => {
    const { ipv6 } = lab.host("sender").description;
    await lab.dns.setReverse(ipv6, undefined);
    const swaks = [
      "swaks",
      "--to",
      "bob@gmail.com",
      "--from",
      "x@alpha.example",
      "--helo",
      "mail.alpha.example",
    ];
    const { stdout, code } = await lab.namespace.run([
      ...["ip", "netns", "exec", "sender", "chroot", "/run/lab/infra/root", ...swaks],
      ...["--server", "[2001:db8:51::21]"],
    ]);
    await lab.dns.setReverse(ipv6, "mail.alpha.example");
    expect(code).not.toBe(0);
    expect(stdout).toContain("550 5.7.25");
  });

  it("do as their policy says: block, limit the rate, know their users, answer as told", async () => {
    const from = "ann@receiver.example";
    const sent = (to: string): Promise<{ code: number; text: string }> => lab.receivers.send({ from, to });
    await lab.receivers.setPolicy({
      outlook: { block: ["198.51.100.24"] },
      gmx: { block: ["198.51.100.0/24"] },
      "t-online": { knows: [] },
      gmail: { rateLimit: 1 },
      yahoo: { users: ["bob"], full: ["bob"] },
    });
    expect(await sent("bob@outlook.com")).toMatchObject({
      code: 550,
      text: expect.stringContaining("S3140"),
    });
    // Said in the greeting, of one line and of several.
    expect(await sent("bob@t-online.de")).toMatchObject({
      code: 554,
      text: expect.stringContaining("(NOWL)"),
    });
    expect(await sent("bob@web.de")).toMatchObject({
      code: 554,
      text: expect.stringMatching(/block listed[\s\S]*c=r0303/),
      server: "mx-ha02.web.de [198.51.100.26]",
    });
    expect(await sent("bob@gmail.com")).toMatchObject({ code: 250 });
    expect(await sent("bob@gmail.com")).toMatchObject({ code: 421, text: expect.stringContaining("4.7.28") });
    expect(await sent("eve@yahoo.com")).toMatchObject({
      code: 554,
      text: expect.stringContaining("yahoo.com account"),
    });
    expect(await sent("bob@yahoo.com")).toMatchObject({ code: 552, text: expect.stringContaining("5.2.2") });

    await lab.receivers.changePolicy("t-online", {});
    expect(await sent("bob@t-online.de")).toMatchObject({ code: 250 });
    expect(await lab.receivers.policies()).toMatchObject({ "t-online": {}, gmail: { rateLimit: 1 } });
    await expect(lab.receivers.setPolicy({ gmail: { rateLimit: -1 } })).rejects.toThrow(
      "messages per minute",
    );

    await lab.receivers.setPolicy({ gmail: { reply: { at: "message", code: 451, text: ["4.3.0 Later"] } } });
    expect(await sent("bob@gmail.com")).toMatchObject({ code: 451 });
    const answer = await lab.receivers.waitForAnswer((entry) => entry.reply.code === 451);
    expect(answer).toMatchObject({ receiver: "gmail", stage: "message", recipients: ["bob@gmail.com"] });
  });

  it("put a first attempt off for as long as they are told, and take the next", async () => {
    await lab.receivers.setPolicy({ receiver: { greylistSeconds: 1 } });
    const send = () => lab.receivers.send({ from: "ann@gmx.de", to: "grey@receiver.example" });
    expect(await send()).toMatchObject({ code: 450, text: expect.stringContaining("Greylisted") });
    await expect.poll(async () => (await send()).code).toBe(250);
  });

  it("are found by their real MX names, and publish TLSA where those whom they play do", async () => {
    const dig = async (name: string, type: string): Promise<string> =>
      (await lab.runTool(["dig", "+short", name, type])).stdout.trim();
    expect(await dig("gmail.com", "MX")).toBe("10 gmail-smtp-in.l.google.com.");
    expect(await dig("_25._tcp.mx.receiver.example", "TLSA")).toMatch(/^3 1 1 /);
    expect(await dig("t-online.de", "MX")).toBe("10 mx00.t-online.de.");
    expect(await dig("web.de", "MX")).toBe("10 mx-ha02.web.de.");
    expect(await dig("_25._tcp.mx00.emig.gmx.net", "TLSA")).toMatch(/^3 1 1 /);
    expect(await dig("_25._tcp.gmail-smtp-in.l.google.com", "TLSA")).toBe("");
  });
});

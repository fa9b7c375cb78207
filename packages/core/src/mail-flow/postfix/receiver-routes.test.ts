import { DatabaseSync } from "node:sqlite";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { domain, mailbox } from "../../mailboxes/directory.testing.ts";
import { renderStack } from "../render-stack.ts";
import { sampleTarget } from "../sample-target.testing.ts";
import { Routing } from "./routing.testing.ts";

const limits = { connectionsMax: 2, secondsBetweenMessages: 5, recipientsPerMessageMax: 5 };
const id = "0193a5b0-7c1e-7000-8000-00000000000a";
const throttle = (provider: string) => ({ id, kind: "throttle", provider, limits });
const relay = (provider: string) => ({ id, kind: "relay", provider, limits: null });
const smarthost = (host: string, port = 587) => ({ host, port, username: "u", password: { box: "AAAA" } });
const standby = { to: "standby", smarthost: smarthost("standby.example") };

/** beta.example is at home here although its MX still leads to Google, as in the days of a move. */
const world = {
  entries: [domain("alpha.example"), mailbox("ann@alpha.example"), domain("beta.example")],
  seen: { "hosted.example": "gmail", "beta.example": "gmail", "gone.example": "yahoo" },
};

function routing(
  changes: Parameters<typeof sampleTarget>[0],
  suite: "bookworm" | "trixie" = "trixie",
): Routing {
  const { files } = renderStack(sampleTarget(changes), { suite, openSecret: () => "password" });
  return new Routing(files, { ...world, database: new DatabaseSync(":memory:") });
}

const last = (way: readonly string[]) => way.at(-1);

describe.each(["bookworm", "trixie"] as const)("with a measure about Gmail, on %s", (suite) => {
  const measured = routing({ measures: [throttle("gmail")] }, suite);
  test.each([
    ["mail to its own domains", "ann@alpha.example", "x@gmail.com", "mailstead-to-gmail:gmail.com"],
    [
      "mail to a domain it was seen to receive for",
      "ann@alpha.example",
      "x@hosted.example",
      "mailstead-to-gmail:hosted.example",
    ],
    ["a notification", "", "x@gmail.com", "mailstead-to-gmail:gmail.com"],
    ["mail to others", "ann@alpha.example", "x@elsewhere.example", "smtp:elsewhere.example"],
    ["mail to another provider", "ann@alpha.example", "x@yahoo.com", "smtp:yahoo.com"],
    ["mail to a mailbox here", "ann@alpha.example", "x@beta.example", "lmtp:unix:/run/dovecot/postfix-lmtp"],
    ["mail to the host itself", "ann@alpha.example", "root@mail.alpha.example", "local:"],
  ])("%s goes by the right way", (_, sender, recipient, expected) => {
    expect(last(measured.routeOf({ sender, recipient }))).toBe(expected);
  });

  test("mail that is forwarded for a stranger gets our own envelope sender before it goes there", () => {
    expect(measured.routeOf({ sender: "eve@far.example", recipient: "x@gmail.com" })).toEqual([
      "mailstead-forward:[127.0.0.1]:10030",
      "mailstead-forward:[127.0.0.1]:10027",
      "mailstead-forward:[127.0.0.1]:10030",
      "mailstead-to-gmail:gmail.com",
    ]);
  });
});

test("once no measure is in force, no transport or setting of it is left, and its table asks nothing", () => {
  const { files } = renderStack(sampleTarget(), { suite: "trixie", openSecret: () => "" });
  const text = files.map(({ path, content }) => path + content).join("\n");
  expect(text).not.toMatch(
    /mailstead-to-|gate-senders|gate-cleanup|\/provider-routes\.cf#[^\n]*\ndbpath[^\n]*\nquery = (?!SELECT NULL WHERE 0\n)|\ntransport_maps = .*(receiver|provider)-|defer_transports/,
  );
});

test("a provider that is backed off from keeps its mail in the queue, and nobody else's", () => {
  const held = { ...throttle("yahoo"), kind: "back-off", limits: { ...limits, connectionsMax: 0 } };
  const { files } = renderStack(sampleTarget({ measures: [held, throttle("gmail")] }), {
    suite: "bookworm",
    openSecret: () => "",
  });
  const mainCf = files.find(({ path }) => path === "/etc/postfix/main.cf")?.content;
  expect(mainCf).toContain("\ndefer_transports = mailstead-to-yahoo\n");
  expect(mainCf).toContain("\nmailstead-to-gmail_transport_rate_delay = 5s\n");
});

test("a share of a provider's recipients goes through a smarthost, each person always the same way", () => {
  const split = routing({
    destinationRelays: [{ to: "provider:gmail", percent: 30, smarthost: smarthost("relay.example") }],
  });
  const ways = Array.from({ length: 1000 }, (_, n) =>
    last(split.routeOf({ sender: "ann@alpha.example", recipient: `person${n}@gmail.com` })),
  );
  const relayed = ways.filter((way) => way === "mailstead-smarthost:[relay.example]:587").length;
  expect(relayed).toBeGreaterThan(250);
  expect(relayed).toBeLessThan(350);
  expect(ways.filter((way) => way === "smtp:gmail.com")).toHaveLength(1000 - relayed);
  expect(last(split.routeOf({ sender: "ann@alpha.example", recipient: "person1@beta.example" }))).toMatch(
    /^lmtp/,
  );
});

test("a smarthost that the receiver decides about never gets the password of a sender's relay", () => {
  const { files } = renderStack(
    sampleTarget({
      relays: [{ sendersOf: "alpha.example", smarthost: smarthost("sender.example") }],
      destinationRelays: [{ to: "receiver.example", smarthost: smarthost("receiver-relay.example") }],
    }),
    { suite: "trixie", openSecret: () => "password" },
  );
  const masterCf = files.find(({ path }) => path === "/etc/postfix/master.cf")?.content ?? "";
  expect(masterCf).toMatch(/\nmailstead-smarthost unix(\n {2}-o .*)*/);
  expect(/\nmailstead-smarthost unix.*((\n {2}-o .*)*)/.exec(masterCf)?.[1]).toContain(
    "smtp_sender_dependent_authentication=no",
  );
  const passwords = files.find(({ path }) => path.endsWith("/smarthost-passwords"));
  expect(passwords).toMatchObject({ isSecret: true, mode: 0o600 });
  expect(passwords?.content).not.toContain("alpha.example");
});

const relaysFor = {
  "*": "smtp:[all.example]:587",
  "alpha.example": "mailstead-smtps:[alpha-relay.example]:465",
  "ann@alpha.example": "smtp:[ann-relay.example]:587",
} as const;

test("every mail finds exactly one route, the one that comes first in the order that is written down", () => {
  const senders = ["ann@alpha.example", "bob@alpha.example", "bea@beta.example", "eve@far.example", ""];
  const recipients = [
    "x@gmail.com",
    "x@hosted.example",
    "x@receiver.example",
    "x@direct.example",
    "x@elsewhere.example",
  ];
  const own = ["x@alpha.example", "x@beta.example", "x@relayed.example", "root@mail.alpha.example"];
  const settings = fc.record({
    relays: fc.subarray(["*", "alpha.example", "ann@alpha.example"] as const),
    betaIsDirect: fc.boolean(),
    measure: fc.constantFrom("none", "throttle", "relay"),
    hasStandby: fc.boolean(),
    hasReceivers: fc.boolean(),
  });
  const mail = fc.record({
    sender: fc.constantFrom(...senders),
    recipient: fc.constantFrom(...recipients, ...own),
  });
  fc.assert(
    fc.property(
      settings,
      mail,
      ({ relays, betaIsDirect, measure, hasStandby, hasReceivers }, { sender, recipient }) => {
        const target = {
          domains: [...sampleTarget().domains, relayedDomain],
          relays: [
            ...relays.map((sendersOf) => ({ sendersOf, smarthost: smarthostOf(relaysFor[sendersOf]) })),
            ...(betaIsDirect ? [{ sendersOf: "beta.example", smarthost: null }] : []),
          ],
          destinationRelays: [
            ...(hasStandby ? [standby] : []),
            ...(hasReceivers
              ? [
                  { to: "receiver.example", smarthost: smarthost("receiver-relay.example", 465) },
                  { to: "direct.example", smarthost: null },
                  // What is at home here is not sent away, whoever asks for it.
                  { to: "beta.example", smarthost: smarthost("wrong.example") },
                ]
              : []),
          ],
          measures: measure === "none" ? [] : [measure === "throttle" ? throttle("gmail") : relay("gmail")],
        };
        const way = routing(target).routeOf({ sender, recipient });
        const to = recipient.slice(recipient.indexOf("@") + 1);
        if (own.includes(recipient)) {
          expect(way).toHaveLength(1);
          expect(way[0]).toMatch(/^(lmtp:|local:|mailstead-partner:)/);
          return;
        }
        if (sender === "eve@far.example") expect(way).toContain("mailstead-forward:[127.0.0.1]:10027");
        expect(last(way)).toBe(
          expectedRoute({
            to,
            receiver: hasReceivers
              ? {
                  "receiver.example": "mailstead-smarthosts:[receiver-relay.example]:465",
                  "direct.example": "mailstead-direct:direct.example",
                }[to]
              : undefined,
            bySender: ([sender, sender.slice(sender.indexOf("@") + 1)] as (keyof typeof relaysFor)[]).find(
              (key) => relays.includes(key),
            ),
            isDirect: betaIsDirect && sender === "bea@beta.example",
            forAll: relays.includes("*"),
            measure: /^(gmail|hosted)/.test(to)
              ? measure === "relay" && !hasStandby
                ? "none"
                : measure
              : "none",
          }),
        );
      },
    ),
    { numRuns: 300 },
  );
});

test("the password of a domain is never shown to the smarthost of one of its addresses that wants none", () => {
  const open = (host: string, port: number) => ({ host, port });
  const way = routing({
    relays: [
      { sendersOf: "alpha.example", smarthost: smarthost("signed.example") },
      { sendersOf: "ann@alpha.example", smarthost: open("open.example", 25) },
      { sendersOf: "bob@alpha.example", smarthost: open("open-tls.example", 465) },
    ],
    destinationRelays: [standby],
    measures: [relay("yahoo")],
  });
  const to = (sender: string, recipient: string) => last(way.routeOf({ sender, recipient }));
  for (const recipient of ["x@elsewhere.example", "x@yahoo.com"]) {
    expect(to("cid@alpha.example", recipient)).toBe("smtp:[signed.example]:587");
    expect(to("ann@alpha.example", recipient)).toBe("mailstead-direct:[open.example]:25");
    expect(to("bob@alpha.example", recipient)).toBe("mailstead-directs:[open-tls.example]:465");
  }
  for (const service of ["mailstead-direct", "mailstead-directs"])
    expect(way.optionOf(service, "smtp_sasl_auth_enable")).toBe("no");
});

/** The order of decision 0053, told a second time. */
function expectedRoute(mail: {
  to: string;
  receiver: string | undefined;
  bySender: keyof typeof relaysFor | undefined;
  isDirect: boolean;
  forAll: boolean;
  measure: string;
}): string {
  if (mail.receiver !== undefined) return mail.receiver;
  if (mail.bySender !== undefined) return relaysFor[mail.bySender];
  if (mail.measure === "relay") return "mailstead-smarthost:[standby.example]:587";
  if (mail.forAll && !mail.isDirect) return relaysFor["*"];
  return mail.measure === "throttle" ? `mailstead-to-gmail:${mail.to}` : `smtp:${mail.to}`;
}

function smarthostOf(transport: string) {
  const [, host, port] = /\[(.*)\]:(\d+)$/.exec(transport) ?? [];
  return smarthost(host ?? "", Number(port));
}

const relayedDomain = {
  name: "relayed.example",
  dkimKeys: [],
  share: {
    role: "mx",
    others: [{ hostname: "home.relayed.example", ipAddresses: ["192.0.2.7"], role: "home" }],
  },
};

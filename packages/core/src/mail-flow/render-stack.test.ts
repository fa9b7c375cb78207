import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { RenderedStack } from "../converge/index.ts";
import { defaultStackSettings, noOverrides, type TargetState } from "../servers/index.ts";
import { RenderError } from "./render-error.ts";
import { renderStack } from "./render-stack.ts";
import { sampleCertificate, sampleTarget } from "./sample-target.testing.ts";

const suites = ["bookworm", "trixie"] as const;
const host = (suite: (typeof suites)[number], password = "a password") => ({
  suite,
  openSecret: () => password,
});

/** A target state that uses every setting once. */
const full = sampleTarget({
  stack: {
    ...defaultStackSettings,
    hasVirusScan: true,
    postmaster: "ann@alpha.example",
    neverBanned: ["198.51.100.7", "2001:db8:51::/64"],
    alwaysBanned: ["203.0.113.0/24", "2001:db8:bad::1"],
    dnsForwarders: ["192.0.2.53", "2001:db8:53::1"],
  },
  web: {
    isEnabled: true,
    acmeThumbprint: "LPJNul-wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ",
    imprint: "Alpha & Sons\n1 Mail Street <$5>",
  },
  relays: [
    {
      sendersOf: "*",
      smarthost: { host: "relay.example", port: 587, username: "user", password: { box: "AAAA" } },
    },
    { sendersOf: "beta.example", smarthost: null },
    {
      sendersOf: "alpha.example",
      smarthost: { host: "other.example", port: 465, username: "alpha", password: { box: "AAAA" } },
    },
  ],
  destinationRelays: [
    {
      to: "standby",
      smarthost: { host: "standby.example", port: 587, username: "spare", password: { box: "AAAA" } },
    },
    { to: "provider:outlook", percent: 40, smarthost: { host: "split.example", port: 465 } },
    { to: "receiver.example", smarthost: { host: "split.example", port: 465 } },
    { to: "direct.example", smarthost: null },
  ],
  measures: [
    {
      id: "0193a5b0-7c1e-7000-8000-00000000000a",
      kind: "throttle",
      provider: "gmail",
      limits: { connectionsMax: 2, secondsBetweenMessages: 5, recipientsPerMessageMax: 5 },
    },
    {
      id: "0193a5b0-7c1e-7000-8000-00000000000b",
      kind: "back-off",
      provider: "yahoo",
      limits: { connectionsMax: 0, secondsBetweenMessages: 0, recipientsPerMessageMax: 10 },
    },
    { id: "0193a5b0-7c1e-7000-8000-00000000000c", kind: "prefer-ipv4", provider: "gmail", limits: null },
    { id: "0193a5b0-7c1e-7000-8000-00000000000d", kind: "relay", provider: "t-online", limits: null },
  ],
  tlsExceptions: [
    { domain: "partner.example", reason: "Their TLSA record is wrong; #4711, $x", until: "2026-12-24" },
  ],
  certificates: [
    sampleCertificate("host", { version: "v1", names: ["mail.alpha.example"] }),
    sampleCertificate("alpha", { version: "v1", names: ["imap.alpha.example", "mta-sts.alpha.example"] }),
    sampleCertificate("beta", { version: "v1", names: ["*.beta.example"] }),
    sampleCertificate("gamma", { version: null, names: ["mail.gamma.example"] }),
  ],
  overrides: {
    postfixMain: ["smtpd_banner = $myhostname ESMTP mine", "default_process_limit = 50"],
    dovecot: "verbose_proctitle = yes\n",
    rspamd: { "local.d/actions.conf": "reject = 20;\n", "local.d/spf.conf": "max_dns_nesting = 5;\n" },
    sieveBefore: "keep;\n",
  },
});

/** Each file under a line with its path, owner and mode, as a host would show them. */
function textOf(stack: RenderedStack): string {
  return stack.files
    .map(
      ({ path, owner, group, mode, content }) =>
        `==> ${path} ${owner}:${group} ${mode.toString(8)}\n${content}`,
    )
    .join("\n");
}

describe.each(suites)("renderStack for %s", (suite) => {
  test("writes the files that were proved on a real host of that suite", async () => {
    await expect(textOf(renderStack(full, host(suite)))).toMatchFileSnapshot(`./golden/${suite}.golden`);
  });

  test.each([
    ["dual", "all", "any"],
    ["prefer-ipv4", "all", "ipv4"],
    ["ipv4-only", "ipv4", "ipv4"],
    ["ipv6-only", "ipv6", "ipv6"],
  ] as const)("a server set to %s listens on %s and sends over %s first", (ipFamilies, listens, sends) => {
    const files = renderStack(
      sampleTarget({ stack: { ...defaultStackSettings, ipFamilies } }),
      host(suite),
    ).files;
    const mainCf = files.find(({ path }) => path.endsWith("/main.cf"))?.content ?? "";
    expect(mainCf).toContain(`\ninet_protocols = ${listens}\n`);
    expect(mainCf).toContain(`\nsmtp_address_preference = ${sends}\n`);
  });

  test("scores what signed-in people write only where the server is told to, and never where they sit", () => {
    const settingsWith = (changes: object) => {
      const target = sampleTarget({ stack: { ...defaultStackSettings, ...changes } });
      const { files } = renderStack(target, host(suite));
      const file = files.find(({ path }) => path.endsWith("local.d/settings.conf"));
      return file?.content.split("local {")[0] ?? "";
    };
    expect(settingsWith({})).toMatch(/reject = 1000;[\s\S]*"phishing"/);
    const scored = settingsWith({ scoresSubmissions: true });
    expect(scored).not.toMatch(/reject|add header|phishing|surbl/);
    expect(scored).toMatch(/groups_disabled = \["rbl", "spf", "dmarc", "hfilter", "mid"\]/);
  });

  test("presents the self-signed certificate until one has been issued for the host's name", () => {
    const nameless = sampleTarget({ certificates: [sampleCertificate("host", { version: null })] });
    const before = textOf(renderStack(nameless, host(suite)));
    expect(before).toContain("smtpd_tls_chain_files = /etc/ssl/mailstead/key.pem,");
    expect(before).not.toMatch(/_sni_|sni-cert|local_name/);
    const after = textOf(renderStack(full, host(suite)));
    expect(after).toContain("smtpd_tls_chain_files = /etc/ssl/mailstead/host/key.pem,");
    expect(after).toMatch(
      /local_name imap\.alpha\.example \{\n +ssl_(server_)?cert.*\/etc\/ssl\/mailstead\/alpha\//,
    );
    expect(after).toContain(
      ".beta.example /etc/ssl/mailstead/beta/key.pem, /etc/ssl/mailstead/beta/certificate.pem",
    );
    expect(after).not.toContain("gamma");
  });

  test("gives the same files for a renewed certificate, so that no configuration is touched", () => {
    const renewed = {
      ...full,
      certificates: full.certificates.map((one) => ({
        ...one,
        issued: one.issued === null ? null : { ...one.issued, version: "v2" },
      })),
    };
    expect(textOf(renderStack(renewed, host(suite)))).toBe(textOf(renderStack(full, host(suite))));
    expect(renderStack(renewed, host(suite)).certificates[0]?.folder).toMatch(/host\.v2$/);
  });

  test("says under which name a key signs that stands behind a delegated one", () => {
    const target = sampleTarget();
    const [first, ...others] = target.domains;
    if (first === undefined) return expect.fail("the sample has no domain");
    const dkimKeys = first.dkimKeys.map((key) => ({ ...key, signsAs: key.selector.slice(0, 3) }));
    const delegated = { ...target, domains: [{ ...first, dkimKeys }, ...others] };
    const map = renderStack(delegated, host(suite)).files.find(({ path }) => path.endsWith("/dkim-keys.map"));
    const signing = first.dkimKeys.find(({ isSigning }) => isSigning)?.selector ?? "none signs";
    expect(map?.content).toContain(`${signing.slice(0, 3)}:${signing}`);
  });

  test("gives the same files for the same input", () => {
    expect(renderStack(full, host(suite))).toEqual(renderStack(full, host(suite)));
  });

  test("writes each path once, absolute, under a folder of the stack, and shows no secret but in secret files", () => {
    const { files } = renderStack(full, host(suite, "very-secret"));
    expect(new Set(files.map((file) => file.path)).size).toBe(files.length);
    for (const { path, content, isSecret, mode } of files) {
      expect(path).toMatch(/^\/(etc|usr\/local\/lib\/mailstead)\/[^ ]+$/);
      if (content.includes("very-secret"))
        expect({ isSecret, mode }).toEqual({ isSecret: true, mode: 0o600 });
    }
  });

  test("lets an override of main.cf take the place of our line, so that no parameter stands twice", () => {
    const mainCf = contentOf(renderStack(full, host(suite)), "/etc/postfix/main.cf");
    const names = mainCf.split("\n").flatMap((line) => /^([a-z0-9_]+) = /.exec(line)?.[1] ?? []);
    expect(new Set(names).size).toBe(names.length);
    expect(mainCf).toContain("smtpd_banner = $myhostname ESMTP mine\n");
    expect(mainCf).toContain("default_process_limit = 50\n");
  });

  test("keeps our Rspamd file and lets the operator's of the same name win over it", () => {
    const stack = renderStack(full, host(suite));
    expect(contentOf(stack, "/etc/rspamd/local.d/actions.conf")).toMatch(
      /add_header = 6;\n[\s\S]*priority=6,duplicate=merge\) "\/etc\/rspamd\/mailstead\/overrides\/local\.d\/actions\.conf"\n$/,
    );
    expect(contentOf(stack, "/etc/rspamd/mailstead/overrides/local.d/actions.conf")).toBe("reject = 20;\n");
    expect(contentOf(stack, "/etc/rspamd/local.d/spf.conf")).toBe("max_dns_nesting = 5;\n");
  });

  test("signs with the keys that are in service only, and makes all of them", () => {
    const stack = renderStack(sampleTarget(), host(suite));
    expect(contentOf(stack, "/etc/rspamd/mailstead/dkim-keys.map")).toMatch(
      /\nalpha\.example ms202611r,ms202611e\n$/,
    );
    expect(stack.dkimKeys.map((key) => key.path)).toEqual([
      "/var/lib/mailstead-dkim/alpha.example.ms202611r.key",
      "/var/lib/mailstead-dkim/alpha.example.ms202611e.key",
      "/var/lib/mailstead-dkim/beta.example.ms202611r.key",
    ]);
  });

  test("finds every domain a postmaster where the settings name none", () => {
    const bare = renderStack(sampleTarget(), host(suite));
    expect(contentOf(bare, "/etc/postfix/main.cf")).toMatch(/^virtual_alias_maps = .*postmasters\.cf$/m);
    expect(contentOf(bare, "/etc/postfix/mailstead/system-aliases")).toContain("postmaster root@localhost\n");
    expect(contentOf(renderStack(full, host(suite)), "/etc/postfix/main.cf")).not.toMatch(
      /^virtual_alias_maps = .*postmasters\.cf/m,
    );
  });

  test("refuses an override that is not a setting, naming it", () => {
    const broken = sampleTarget();
    const overrides = { ...noOverrides, postfixMain: [" continued = yes"] };
    expect(() => renderStack({ ...broken, overrides }, host(suite))).toThrow(RenderError);
  });

  test("sends a relay's password to a verified certificate only, unless this relay says otherwise", () => {
    const relay = (sendersOf: string, relayHost: string, changes = {}) => ({
      sendersOf,
      smarthost: { host: relayHost, port: 587, username: "u", password: { box: "AAAA" }, ...changes },
    });
    const relays = [
      relay("*", "one.example"),
      relay("alpha.example", "two.example", { verifiesCertificate: false }),
      relay("beta.example", "one.example", { verifiesCertificate: false }),
      { sendersOf: "open.example", smarthost: { host: "three.example", port: 25 } },
    ];
    const stack = renderStack(sampleTarget({ relays }), host(suite));
    const lines = contentOf(stack, "/etc/postfix/mailstead/relay-tls-policies").split("\n").slice(1);
    expect(lines).toEqual(["[one.example]:587 secure match=nexthop", "[two.example]:587 encrypt", ""]);
  });

  test("signs in at a smarthost as its test does, whichever the sender or the receiver decides about", () => {
    const smarthost = { host: "one.example", port: 587, username: "u", password: { box: "AAAA" } };
    const mainCf = (changes: Parameters<typeof sampleTarget>[0]) =>
      contentOf(renderStack(sampleTarget(changes), host(suite)), "/etc/postfix/main.cf");
    const filter = "smtp_sasl_mechanism_filter = plain, login";
    expect(mainCf({ relays: [{ sendersOf: "*", smarthost }] })).toContain(filter);
    expect(mainCf({ destinationRelays: [{ to: "standby", smarthost }] })).toContain(filter);
    expect(
      mainCf({ relays: [{ sendersOf: "*", smarthost: { host: "open.example", port: 25 } }] }),
    ).not.toContain(filter);
  });

  test("refuses a relay's password or user name that would end its line or split its entry", () => {
    for (const password of ["two\nlines", "nul\0", " space", "line\u2028end"])
      expect(() => renderStack(full, host(suite, password))).toThrow(RenderError);
    const relays = [
      {
        sendersOf: "*" as const,
        smarthost: {
          host: full.hostname,
          port: 25,
          username: "a:b",
          password: { box: "AAAA" },
          verifiesCertificate: true,
        },
      },
    ];
    expect(() => renderStack({ ...full, relays }, host(suite))).toThrow(/colon/);
  });

  test("never gains a line, a setting or a file from a hostile value in any field", () => {
    const shape = shapeOf(renderStack(full, host(suite)));
    fc.assert(
      fc.property(hostileText, fc.constantFrom(...places), (text, place) => {
        try {
          expect(shapeOf(renderStack(place(full, text), host(suite, "a password")))).toEqual(shape);
        } catch (error) {
          if (!(error instanceof RenderError)) throw error;
        }
      }),
      { numRuns: 600 },
    );
  });

  test("never gains a line from a hostile relay password", () => {
    const shape = shapeOf(renderStack(full, host(suite)));
    fc.assert(
      fc.property(hostileText, (password) => {
        try {
          expect(shapeOf(renderStack(full, host(suite, password)))).toEqual(shape);
        } catch (error) {
          if (!(error instanceof RenderError)) throw error;
        }
      }),
    );
  });
});

/** Number of lines of every file: what a value on its line cannot change. */
function shapeOf(stack: RenderedStack): Record<string, number> {
  return Object.fromEntries(
    stack.files.map((file) => [file.path, file.content.split(/[\n\r\u0085\u2028\u2029]/).length]),
  );
}

function contentOf(stack: RenderedStack, path: string): string {
  const file = stack.files.find((candidate) => candidate.path === path);
  if (file === undefined) throw new Error(`${path} is not rendered`);
  return file.content;
}

const hostileText = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.constantFrom(
    "x\nsmtpd_relay_restrictions = permit",
    "x\r\n  continued",
    "x; reject = 0",
    'x"; }',
    "x }\nrelay {",
    ["$", "{inject}"].join(""),
    "$(touch /tmp/x)",
    "`id`",
    "'; DROP TABLE mailboxes; --",
    "x y",
    "x\u2028y",
    "x\0y",
    "../../etc/passwd",
    "x\ty",
    "-X",
    "",
    " ",
  ),
);

type Place = (target: TargetState, text: string) => TargetState;

/** Every field that holds text of somebody's choice, filled past the schema that would refuse it. */
const places: readonly Place[] = [
  (target, text) => ({ ...target, hostname: text as TargetState["hostname"] }),
  (target, text) => ({
    ...target,
    domains: target.domains.map((domain, index) =>
      index === 0 ? { ...domain, name: text as typeof domain.name } : domain,
    ),
  }),
  (target, text) => ({
    ...target,
    domains: target.domains.map((domain) => ({
      ...domain,
      dkimKeys: domain.dkimKeys.map((key, index) => (index === 0 ? { ...key, selector: text } : key)),
    })),
  }),
  (target, text) => ({
    ...target,
    stack: { ...target.stack, postmaster: text as TargetState["stack"]["postmaster"] },
  }),
  (target, text) => ({
    ...target,
    stack: { ...target.stack, neverBanned: [text, ...target.stack.neverBanned.slice(1)] },
  }),
  (target, text) => ({
    ...target,
    stack: { ...target.stack, alwaysBanned: [text, ...target.stack.alwaysBanned.slice(1)] },
  }),
  (target, text) => ({ ...target, web: { ...target.web, acmeThumbprint: text } }),
  (target, text) => ({ ...target, web: { ...target.web, imprint: text.replaceAll("\n", " ") } }),
  (target, text) => ({
    ...target,
    domains: target.domains.map((domain) => ({
      ...domain,
      mtaSts: { ...domain.mtaSts, mxHosts: [text as TargetState["hostname"]] },
    })),
  }),
  (target, text) => withFirstRelay(target, { host: text }),
  (target, text) => withFirstRelay(target, { username: text }),
  (target, text) => ({
    ...target,
    relays: target.relays.map((relay, index) =>
      index === 1 ? { ...relay, sendersOf: text as typeof relay.sendersOf } : relay,
    ),
  }),
  (target, text) => ({
    ...target,
    overrides: { ...target.overrides, postfixMain: [text, ...target.overrides.postfixMain] },
  }),
];

function withFirstRelay(target: TargetState, change: { host?: string; username?: string }): TargetState {
  return {
    ...target,
    relays: target.relays.map((relay, index) =>
      index === 0 && relay.smarthost !== null
        ? { ...relay, smarthost: { ...relay.smarthost, ...change } as typeof relay.smarthost }
        : relay,
    ),
  };
}

import { describe, expect, test } from "vitest";
import { mtaStsPolicy } from "../../dns/index.ts";
import { defaultWebSettings } from "../../servers/index.ts";
import { readHostSettings } from "../host-settings.ts";
import { RenderError } from "../render-error.ts";
import { renderStack } from "../render-stack.ts";
import { sampleTarget } from "../sample-target.testing.ts";
import { certificateFor } from "./certificate-for.ts";
import { type MtaStsStep, mtaStsStepProblem } from "./mta-sts.ts";
import { nginxText } from "./nginx-text.ts";
import { renderSitesConf } from "./sites-conf.ts";
import { servedNames } from "./web-names.ts";

const host = { suite: "trixie", openSecret: () => "secret" } as const;

function sitesOf(
  changes: Parameters<typeof sampleTarget>[0] = {},
  certificates: { id: string; names: string[] }[] = [],
) {
  const target = sampleTarget({ web: defaultWebSettings, ...changes });
  const settings = readHostSettings(target, host);
  const names = servedNames(settings.hostname, settings.domains);
  return renderSitesConf({ settings, domains: target.domains, names, certificates }).content;
}

/** Name to certificate file, as the servers on port 443 of a configuration say it. */
function certificatesByName(sites: string): Record<string, string> {
  const servers = sites.split(/^server \{$/m).filter((server) => server.includes("listen 443 ssl;"));
  return Object.fromEntries(
    servers.flatMap((server) => {
      const names = /server_name\s+([^;]+);/.exec(server)?.[1]?.split(/\s+/) ?? [];
      const path = /ssl_certificate (.*);/.exec(server)?.[1] ?? "";
      return names.map((name) => [name, path] as const);
    }),
  );
}

describe("the web service of a host", () => {
  test("is not rendered where it is switched off, and its unit is retired there", () => {
    const stack = renderStack(sampleTarget({ web: { ...defaultWebSettings, isEnabled: false } }), host);
    expect(stack.files.filter(({ service }) => service === "nginx")).toEqual([]);
    expect(stack.packages).not.toContain("nginx");
    expect(stack.retiredUnits).toEqual([{ unit: "nginx.service", service: "nginx" }]);
    expect(renderStack(sampleTarget({ web: defaultWebSettings }), host).retiredUnits).toEqual([]);
  });

  test("means nothing in a target state from before hosts served anything", () => {
    expect(sampleTarget().web.isEnabled).toBe(false);
    expect(sampleTarget().domains[0]?.mtaSts.mode).toBe("none");
  });

  test("gives each name the certificate that covers it, and the host's own to all others", () => {
    const own = "/etc/ssl/mailstead/certificate.pem";
    const issued = (id: string) => `/etc/ssl/mailstead/${id}/certificate.pem`;
    expect(new Set(Object.values(certificatesByName(sitesOf())))).toEqual(new Set([own]));
    const certificates = [
      { id: "wild", names: ["alpha.example", "*.alpha.example"] },
      { id: "host", names: ["mail.alpha.example", "mta-sts.beta.example"] },
    ];
    expect(certificatesByName(sitesOf({}, certificates))).toEqual({
      "mail.alpha.example": issued("host"),
      "mta-sts.alpha.example": issued("wild"),
      "autoconfig.alpha.example": issued("wild"),
      "autodiscover.alpha.example": issued("wild"),
      "mta-sts.beta.example": issued("host"),
      "autoconfig.beta.example": own,
      "autodiscover.beta.example": own,
    });
  });

  test("lets a wildcard cover one label and no more", () => {
    const wild = { id: "wild", names: ["*.alpha.example"] };
    expect(certificateFor("mta-sts.alpha.example", [wild])).toBe(wild);
    for (const name of ["a.mta-sts.alpha.example", "alpha.example", "mta-sts.beta.example"])
      expect(certificateFor(name, [wild])).toBeNull();
  });

  test("serves the very policy of which the record shows the id", () => {
    const policy = { mode: "enforce", maxAgeSeconds: 86_400 } as const;
    const domains = (mxHosts: string[]) => [
      { name: "alpha.example", dkimKeys: [], mtaSts: { ...policy, mxHosts } },
    ];
    for (const mxHosts of [[], ["mx1.alpha.example", "mx2.alpha.example"]]) {
      const { text } = mtaStsPolicy({
        ...policy,
        mxHosts: mxHosts.length > 0 ? mxHosts : ["mail.alpha.example"],
      });
      expect(sitesOf({ domains: domains(mxHosts) })).toContain(
        `mta-sts.alpha.example '${text.replaceAll("\r\n", "\\r\\n")}';`,
      );
    }
  });

  test("listens in the families of the host only", () => {
    const listening = (ipFamilies: string) =>
      new Set(
        sitesOf({ stack: { ...sampleTarget().stack, ipFamilies } })
          .match(/listen \S+/g)
          ?.map((line) => line.replace(";", "")),
      );
    expect(listening("ipv4-only")).toEqual(new Set(["listen 80", "listen 443"]));
    expect(listening("ipv6-only")).toEqual(new Set(["listen [::]:80", "listen [::]:443"]));
    expect(listening("dual").size).toBe(4);
  });

  test("serves each name once, and none that is too long to be a name", () => {
    const long = `${Array.from({ length: 4 }, () => "a".repeat(59)).join(".")}.example`;
    expect(servedNames("autoconfig.alpha.example", ["alpha.example", "alpha.example", long])).toEqual([
      "mta-sts.alpha.example",
      "autodiscover.alpha.example",
    ]);
  });

  test("holds documents that nginx can read for the longest of names", () => {
    const hostname = `${Array.from({ length: 4 }, () => "a".repeat(59)).join(".")}.example`;
    const target = sampleTarget({ web: defaultWebSettings, hostname });
    expect(() => renderStack(target, host)).not.toThrow();
  });
});

describe("a text for nginx", () => {
  test("keeps quotes and backslashes, and replaces known variables only", () => {
    expect(nginxText('it\'s \\ <a b="c">\r\n$known', ["$known"])).toBe(
      "'it\\'s \\\\ <a b=\"c\">\\r\\n$known'",
    );
    for (const text of ["$other", "$knownmore", "$", "$ 5"])
      expect(() => nginxText(text, ["$known"])).toThrow(RenderError);
  });

  test("is refused where nginx could not read it", () => {
    expect(() => nginxText("x".repeat(5000))).toThrow(/too long/);
  });
});

describe("a step from one MTA-STS mode to another", () => {
  const step = (from: string, to: string, changed: Partial<MtaStsStep> = {}) =>
    mtaStsStepProblem({
      domain: "alpha.example",
      from,
      to,
      isServed: true,
      untrustedHosts: [],
      ...changed,
    } as MtaStsStep);

  test.each([
    ["none", "testing"],
    ["testing", "enforce"],
    ["enforce", "testing"],
    ["testing", "none"],
    ["enforce", "enforce"],
  ])("goes from %s to %s", (from, to) => {
    expect(step(from, to)).toBeNull();
  });

  test("leaves out no mode, in neither direction, and tells what to do first", () => {
    expect(step("none", "enforce")).toMatch(/to testing first/);
    expect(step("enforce", "none")).toMatch(/from enforce to testing first/);
  });

  test("needs a host that serves the policy, unless it ends there", () => {
    for (const to of ["testing", "enforce"])
      expect(step("testing", to, { isServed: false })).toMatch(/web service/);
    expect(step("testing", "none", { isServed: false })).toBeNull();
  });

  test("is not taken to enforce while a mail host has no certificate that the world trusts", () => {
    const untrustedHosts = [{ hostname: "mx2.msp.example", why: "its certificate is its own" }];
    expect(step("testing", "enforce", { untrustedHosts })).toBe(
      "Senders that enforce MTA-STS of alpha.example would deliver nothing to mx2.msp.example: its certificate is its own.",
    );
    for (const [from, to] of [
      ["none", "testing"],
      ["enforce", "testing"],
      ["enforce", "enforce"],
    ] as const)
      expect(step(from, to, { untrustedHosts })).toBeNull();
  });
});

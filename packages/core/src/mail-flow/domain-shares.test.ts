import { describe, expect, test } from "vitest";
import type { DomainRole } from "../domains/index.ts";
import type { TargetState } from "../servers/index.ts";
import { RenderError } from "./render-error.ts";
import { renderStack } from "./render-stack.ts";
import { sampleTarget } from "./sample-target.testing.ts";

const host = { suite: "trixie", openSecret: () => "a password" } as const;

const servers = {
  home: { role: "home", hostname: "mail.alpha.example", ipAddresses: ["198.51.100.1", "2001:db8::1"] },
  mx: { role: "mx", hostname: "mx2.alpha.example", ipAddresses: ["198.51.100.2"] },
  "backup-mx": { role: "backup-mx", hostname: "backup.beta.example", ipAddresses: ["198.51.100.3"] },
  outbound: { role: "outbound", hostname: "out.alpha.example", ipAddresses: ["198.51.100.4"] },
  sender: { role: "sender", hostname: "news.alpha.example", ipAddresses: ["198.51.100.5"] },
} as const;

/** The target state of one of five servers that share alpha.example, beside beta.example of its own. */
function sharing(role: DomainRole): TargetState {
  const [alpha, beta] = sampleTarget().domains;
  const others = Object.values(servers).filter((other) => other.role !== role);
  return sampleTarget({
    hostname: servers[role].hostname,
    domains: [{ ...alpha, share: { role, others } }, beta],
  });
}

function filesOf(target: TargetState): Map<string, string> {
  return new Map(renderStack(target, host).files.map(({ path, content }) => [path, content]));
}

/** What of the files is different from those of a server that does everything for the domain, as lines that came and went. */
function differenceOf(role: DomainRole): string {
  const alone = filesOf({ ...sharing(role), domains: sampleTarget().domains });
  return [...filesOf(sharing(role))]
    .flatMap(([path, content]) => {
      const before = (alone.get(path) ?? "").split("\n");
      const after = content.split("\n");
      const lines = [
        ...before.filter((line) => !after.includes(line)).map((line) => `- ${line}`),
        ...after.filter((line) => !before.includes(line)).map((line) => `+ ${line}`),
      ];
      return lines.length === 0 ? [] : [`==> ${path}`, ...lines, ""];
    })
    .join("\n");
}

describe.each(["home", "mx", "backup-mx", "outbound", "sender"] as const)("a server that is %s", (role) => {
  test("differs from one that does everything by what was proved on real hosts", async () => {
    await expect(differenceOf(role)).toMatchFileSnapshot(`./golden/role-${role}.golden`);
  });

  test("keeps its other domains as they are", () => {
    const { files } = renderStack(sharing(role), host);
    const aliases = files.find(({ path }) => path.endsWith("hosted-domains.map"));
    expect(aliases?.content).toContain("beta.example\n");
  });
});

test("a domain that is handed on is served to nobody here: no documents, and none of its system's names", () => {
  const postmaster = "ann@beta.example" as never;
  const target = sharing("mx");
  const files = filesOf({
    ...target,
    web: { ...target.web, isEnabled: true },
    stack: { ...target.stack, postmaster },
  });
  expect(files.get("/etc/nginx/mailstead/sites.conf") ?? [...files.keys()].join()).not.toContain(
    "autoconfig.alpha.example",
  );
  expect(files.get("/etc/postfix/mailstead/system-aliases")).not.toContain("@alpha.example");
});

test("a relay that a person chose for a domain goes before the domain's own outbound server", () => {
  const target = sharing("home");
  const relays = [{ sendersOf: "alpha.example", smarthost: { host: "relay.example", port: 587 } }];
  const files = filesOf(sampleTarget({ ...target, relays }));
  const transports = files.get("/etc/postfix/mailstead/relay-transports");
  expect(transports).toContain("@alpha.example smtp:[relay.example]:587\n");
  expect(transports).not.toContain("out.alpha.example");
});

test("a home no longer sends through a server that leaves", () => {
  const [alpha] = sampleTarget().domains;
  const others = [{ ...servers.outbound, isLeaving: true }];
  const files = filesOf(sampleTarget({ domains: [{ ...alpha, share: { role: "home", others } }] }));
  expect(files.get("/etc/postfix/mailstead/relay-transports")).not.toContain("out.alpha.example");
  expect(files.get("/etc/postfix/mailstead/partners")).toContain("198.51.100.4 permit\n");
});

test("a home sends through its outbound servers in their order, each standing in for those before it", () => {
  const [alpha] = sampleTarget().domains;
  const second = { ...servers.outbound, hostname: "out2.alpha.example", ipAddresses: ["198.51.100.6"] };
  const others = [servers.outbound, { ...servers.sender }, second];
  const files = filesOf(sampleTarget({ domains: [{ ...alpha, share: { role: "home", others } }] }));
  expect(files.get("/etc/postfix/mailstead/relay-transports")).toContain(
    "@alpha.example mailstead-partner:[out.alpha.example],[out2.alpha.example]\n",
  );
});

test("a share without a home is refused, because its mail would have nowhere to go", () => {
  const [alpha] = sampleTarget().domains;
  const target = sampleTarget({
    domains: [{ ...alpha, share: { role: "backup-mx", others: [servers.mx] } }],
  });
  expect(() => renderStack(target, host)).toThrow(RenderError);
});

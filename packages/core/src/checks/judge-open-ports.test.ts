import { expect, test } from "vitest";
import type { HostListeners } from "../servers/index.ts";
import type { PortFacts } from "./host-facts.ts";
import { judgeAnsweringPort, judgeClosedPort } from "./judge-open-ports.ts";

const look = (listeners: HostListeners | null, address = "198.51.100.11") => ({
  hostname: "mail1.msp.example",
  where: `${address}:x`,
  address,
  listeners,
});
const all = { ipv4: [25, 465, 587, 993], ipv6: [] };
const none = { ipv4: [], ipv6: [] };
const closed = (port: PortFacts["port"], kind: "refused" | "silent") =>
  ({ port, kind, problem: kind === "refused" ? "ECONNREFUSED" : "timeout" }) as const;
const judge = (listeners: HostListeners | null, port: ReturnType<typeof closed>, isAllSilent = false) => {
  const { kind, severity, fix } = judgeClosedPort(look(listeners), port, { isAllSilent });
  return { what: `${kind} ${severity}`, fix };
};

test("a port that listens inside and is closed outside is held off by a firewall", () => {
  const { what, fix } = judge(all, closed(993, "silent"));
  expect(what).toBe("port-blocked error");
  expect(fix).toContain("firewall of its provider");
  expect(judge(all, closed(25, "refused")).what).toBe("port-blocked error");
});

test("a port that is closed because nothing listens is no matter of firewalls", () => {
  const { what, fix } = judge(none, closed(993, "refused"));
  expect(what).toBe("port-closed error");
  expect(fix).not.toContain("firewall");
  expect(judge(none, closed(25, "silent")).what).toBe("port-silent error");
});

test("silence of port 25 alone stays doubtful where the service listens, since our own line may be blocked", () => {
  expect(judge(all, closed(25, "silent")).what).toBe("port-silent warning");
  expect(judge(all, closed(25, "silent"), true).what).toBe("port-blocked error");
  expect(judge(null, closed(25, "silent")).what).toBe("port-silent warning");
});

test("an answer is not ours when no program of the host listens, over either family", () => {
  const found = (listeners: HostListeners | null, address?: string) =>
    judgeAnsweringPort(look(listeners, address), 25).map(({ kind, severity }) => `${kind} ${severity}`);
  expect(found(none)).toEqual(["port-not-ours warning"]);
  expect(found(all)).toEqual([]);
  // A listener on every IPv6 address takes IPv4 too.
  expect(found({ ipv4: [], ipv6: [25] })).toEqual([]);
  expect(found(all, "2001:db8::1")).toEqual(["port-not-ours warning"]);
  expect(found(null)).toEqual([]);
});

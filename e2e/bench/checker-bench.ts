import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { zoneFileLine } from "@mailstead/core/dns";
import type { LabDns, RecordSet } from "../lab/dns-client.ts";
import { type Lab, openLab } from "../lab/lab.ts";
import { parseZoneLines } from "../lab/zone-lines.ts";
import {
  benchTld,
  domainCount,
  domainNames,
  hostAddresses,
  hostname,
  hostZone,
  recordsOf,
} from "./checker-fleet.ts";
import type { Bench, Measure } from "./measure.ts";

interface Inside {
  seconds: number;
  cpuSeconds: number;
  /** Domains of which every record was right and every zone secure. */
  right: number;
  records: number;
  domains: number;
}

const limitS = 60;
// The authority listens on one address of each family, and both are asked alike.
const authorityAddressCount = 2;

/** A thousand signed domains on the lab's PowerDNS, checked as the worker does it. */
export const checkerBench: Bench = {
  name: "dns",
  whyNot: () => (process.getuid?.() === 0 ? null : "the lab needs root."),
  async run(log) {
    const lab = await openLab({ hosts: [], receivers: false, zones: [benchTld, hostZone] });
    const folder = await mkdtemp(join(tmpdir(), "mailstead-bench-"));
    try {
      await publishFleet(lab.dns);
      log(`${domainCount} zones are published`);
      // Postgres runs as another user and must pass through.
      await chmod(folder, 0o711);
      const before = await questionsOf(lab.dns);
      const inside = await checkInside(lab, folder);
      const questions = (await questionsOf(lab.dns)) - before;
      log(`${inside.domains} domains in ${inside.seconds.toFixed(1)} s`);
      return measuresOf(inside, questions);
    } finally {
      await lab.close();
      await rm(folder, { recursive: true, force: true });
    }
  },
};

function measuresOf(inside: Inside, questions: number): Measure[] {
  const isRight = inside.right === domainCount;
  const perSecond = Math.round(questions / inside.seconds / authorityAddressCount);
  return [
    {
      name: `${domainCount} domains checked`,
      unit: "s",
      value: isRight ? inside.seconds : null,
      aim: { kind: "at-most", value: limitS },
      runs: 1,
      note: isRight
        ? `${inside.records} records, ${questions} questions, ${perSecond} a second at each address`
        : `only ${inside.right} domains were right`,
    },
    { name: "of that, the worker's own work", unit: "s", value: inside.cpuSeconds, aim: null, runs: 1 },
  ];
}

/** Zones by the API, each with its records in the call that makes it; their delegations follow in a few calls. */
async function publishFleet(dns: LabDns): Promise<void> {
  const names = domainNames();
  const ofHost = recordsOf(names[0] ?? "").filter(({ publishedAt }) => publishedAt === "host-dns");
  await dns.setRecords(hostZone, parseZoneLines(ofHost.map(zoneFileLine).join("\n")));
  await dns.setReverse(hostAddresses.ipv4, hostname);
  await dns.setReverse(hostAddresses.ipv6, hostname);
  const delegations: RecordSet[] = [];
  for (const name of names) {
    const own = recordsOf(name).filter(({ publishedAt }) => publishedAt === "domain-dns");
    await dns.request("POST", "/zones", {
      name: `${name}.`,
      kind: "Native",
      dnssec: true,
      nameservers: ["ns.lab."],
      rrsets: parseZoneLines(own.map(zoneFileLine).join("\n")).map((set) => ({
        name: `${set.name}.`,
        type: set.type,
        ttl: 5,
        records: set.records.map((content) => ({ content, disabled: false })),
      })),
    });
    delegations.push(
      { name, type: "NS", records: ["ns.lab."] },
      { name, type: "DS", records: await dns.delegationSigners(name) },
    );
  }
  const setsAtOnce = 200;
  for (let at = 0; at < delegations.length; at += setsAtOnce)
    await dns.setRecords(benchTld, delegations.slice(at, at + setsAtOnce));
}

async function questionsOf(dns: LabDns): Promise<number> {
  const statistics = (await dns.request("GET", "/statistics")) as { name: string; value: unknown }[];
  return statistics
    .filter(({ name }) => name === "udp-queries" || name === "tcp-queries")
    .reduce((sum, { value }) => sum + Number(value), 0);
}

/** The checker must live where the lab's addresses lead somewhere, and so must its database. */
async function checkInside(lab: Lab, folder: string): Promise<Inside> {
  const [program = "", ...args] = lab.namespace.enter([
    process.execPath,
    join(import.meta.dirname, "checker-inside.ts"),
  ]);
  const child = spawn(program, args, {
    env: { ...process.env, TMPDIR: folder },
    stdio: ["ignore", "pipe", "inherit"],
  });
  let printed = "";
  child.stdout.on("data", (chunk: Buffer) => {
    printed += chunk.toString();
  });
  const [code] = await once(child, "close");
  if (code !== 0) throw new Error(`The checks inside the lab ended with ${code}.`);
  return JSON.parse(printed.trim().split("\n").at(-1) ?? "") as Inside;
}

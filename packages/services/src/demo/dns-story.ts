import { judgeRecord, type NameServerAnswer, type PlannedRecord } from "@mailstead/core/dns";
import type { ServiceContext } from "../context/index.ts";
import { getDomain, recordDomainCheck } from "../domains/index.ts";
import type { DemoDomain } from "./fleet.ts";

const nameServers = [
  { nameServer: "ns1.dns.example", address: "192.0.2.53" },
  { nameServer: "ns2.dns.example", address: "192.0.2.54" },
];

/** Keeps a check of a domain as two name servers would have answered it. */
export async function writeDemoCheck(check: {
  ctx: ServiceContext;
  domainId: string;
  dns: DemoDomain["dns"];
}): Promise<void> {
  const { ctx, domainId, dns } = check;
  const { records } = await getDomain(ctx, { domainId });
  const report = {
    kind: "checked" as const,
    records: records.map(({ verdict: _, zoneFileLine: __, ...record }) => ({
      record,
      verdict: judgeRecord(record, answersTo(record, dns)),
    })),
  };
  await recordDomainCheck(ctx, { domainId, report });
}

function answersTo(record: PlannedRecord, dns: DemoDomain["dns"]): NameServerAnswer[] {
  return nameServers.map((server) => ({ ...server, kind: "answered", values: valuesOf(record, dns) }));
}

function valuesOf(record: PlannedRecord, dns: DemoDomain["dns"]): string[] {
  if (dns === "nothing") return [];
  if (dns === "no-dmarc" && record.purpose === "dmarc") return [];
  if (dns === "foreign-mx" && record.purpose === "mx") return ["10 mx.old-provider.example"];
  return [record.value];
}

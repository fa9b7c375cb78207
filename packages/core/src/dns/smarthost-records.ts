import type { Relay, Smarthost } from "../servers/index.ts";
import { presetOfHost, smarthostPresets } from "../smarthosts/index.ts";
import type { PlannedRecord } from "./planned-record.ts";
import { different, type RecordJudgement, rightAsIs } from "./record-judgement.ts";
import type { PlannedServer, SmarthostRecord } from "./record-plan-input.ts";
import { withoutDot } from "./same-value.ts";

/** The services that a domain's mail may leave through, as its SPF record names them. */
export interface SmarthostsInSpf {
  /** Of services that are known, in the order of their names. */
  readonly includes: readonly string[];
  /** False where mail also leaves through a smarthost of whose addresses nobody here knows. */
  readonly areAllKnown: boolean;
}

/** Null where the domain's mail leaves through no smarthost. One that stands by counts: it may be used any minute. */
export function smarthostsInSpf(domain: string, servers: readonly PlannedServer[]): SmarthostsInSpf | null {
  const smarthosts = servers.flatMap((server) => smarthostsOfSenders(domain, server));
  if (smarthosts.length === 0) return null;
  const presets = smarthosts.map(({ host }) => presetOfHost(host));
  const known = presets.flatMap((id) => (id === null ? [] : [smarthostPresets[id].spfInclude]));
  return { includes: [...new Set(known)].sort(), areAllKnown: presets.every((id) => id !== null) };
}

/** The smarthosts that a server may send a domain's mail through, whoever receives it, and the one that stands by. */
export function smarthostsOfSenders(
  domain: string,
  { relays = [], destinationRelays = [] }: Pick<PlannedServer, "relays" | "destinationRelays">,
): readonly Smarthost[] {
  return [
    ...relaysOf(domain, relays),
    ...destinationRelays.flatMap(({ smarthost }) => (smarthost === null ? [] : [smarthost])),
  ];
}

/** What leads the domain's senders away: of one address each, and that of the domain or, without one, of all. */
function relaysOf(domain: string, relays: NonNullable<PlannedServer["relays"]>): Smarthost[] {
  const rule =
    relays.find(({ sendersOf }) => sendersOf === domain) ?? relays.find(({ sendersOf }) => sendersOf === "*");
  const ofAddresses = relays.filter(({ sendersOf }) => sendersOf.endsWith(`@${domain}`));
  return [...ofAddresses, ...(rule === undefined ? [] : [rule])].flatMap(
    ({ smarthost }: Pick<Relay, "smarthost">) => (smarthost === null ? [] : [smarthost]),
  );
}

/** What a service told somebody to publish so that it may sign and take bounces in the domain's name. */
export function smarthostRecords(domain: string, records: readonly SmarthostRecord[] = []): PlannedRecord[] {
  return records.map(({ name, type, value }) => ({
    purpose: "smarthost",
    name: `${name}.${domain}`,
    type,
    value,
    level: "recommended",
    reason:
      "The service that sends your mail signs or takes bounces by it; it was entered in the mail settings.",
    withoutIt: "Mail that leaves through the service proves less, and the service may refuse to send it.",
    publishedAt: "domain-dns",
  }));
}

/** Judges by the same value, however names are written and a text is spaced. */
export function judgeSmarthostRecord(planned: PlannedRecord, values: readonly string[]): RecordJudgement {
  if (values.length === 0) return { kind: "missing" };
  const fold = (value: string) =>
    planned.type === "TXT" ? value.replace(/\s/g, "") : withoutDot(value).toLowerCase();
  return values.some((value) => fold(value) === fold(planned.value))
    ? rightAsIs
    : different(`the name shows ${values.join(", ")}, and the service wants ${planned.value}`);
}

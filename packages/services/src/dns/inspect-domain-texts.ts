import {
  type DmarcFindingKind,
  judgeCaaTexts,
  judgeDmarcTexts,
  judgeMxSet,
  judgeOldKeys,
  judgeSpfTexts,
  type ShownRecords,
  type SpfFindingKind,
} from "@mailstead/core/checks";
import {
  answerLookups,
  type CheckFinding,
  type DnsLookup,
  findSpfLoop,
  findSpfRepeats,
  isDmarc,
  parseMx,
  reportReceivers,
  spfRecordsOf,
} from "@mailstead/core/dns";
import type { DnsView } from "./dns-view.ts";
import type { Inspected } from "./inspected.ts";

// A record that names more receivers than this is nobody's who wants to read reports.
const receiversMax = 10;
/** Of a receiver that names more, the first show whether it can take mail. */
const receiverHostsMax = 10;

const spfKinds: readonly SpfFindingKind[] = [
  "spf-ptr",
  "spf-after-all",
  "spf-duplicate",
  "spf-include-twice",
  "spf-loop",
  "spf-type",
  "spf-large",
];
const dmarcKinds: readonly DmarcFindingKind[] = [
  "dmarc-at-apex",
  "spf-at-dmarc",
  "dmarc-old-tags",
  "dmarc-report-address",
  "dmarc-receiver-mail",
];

/** Reads what a domain says to receivers of mail as a whole, its own words and those that stand at the wrong name. */
export async function inspectDomainTexts(
  domain: string,
  {
    view,
    oldKeyNames,
    caaNames = [],
  }: {
    view: DnsView;
    oldKeyNames: readonly string[];
    /** Names of hosts whose CAA records are read beside the domain's own. */
    caaNames?: readonly string[];
  },
): Promise<Inspected> {
  const [texts, ofSpfType, dmarc, mx, ...oldKeys] = await Promise.all([
    shownAt({ name: domain, type: "TXT" }, view),
    shownAt({ name: domain, type: "SPF" }, view),
    shownAt({ name: `_dmarc.${domain}`, type: "TXT" }, view),
    shownAt({ name: domain, type: "MX" }, view),
    ...oldKeyNames.map((name) => shownAt({ name, type: "TXT" }, view)),
  ]);
  const caa = await Promise.all(
    [...new Set([domain, ...caaNames])].map((name) => shownAt({ name, type: "CAA" }, view)),
  );
  const record = spfRecordsOf(texts?.values ?? [])[0];
  const loop =
    record === undefined
      ? null
      : await answerLookups(findSpfLoop(domain, record), (lookup) => view.answer(lookup));
  // A round is told of as what it is; every name on it is included once more.
  const repeats =
    record === undefined || loop !== null
      ? []
      : await answerLookups(findSpfRepeats(record), (lookup) => view.answer(lookup));
  const deafReceivers = await deafReceiversOf(dmarc?.values.find(isDmarc) ?? "", view);
  const findings: CheckFinding[] = [
    ...(texts === null ? [] : judgeSpfTexts({ texts, ofSpfType, loop, repeats })),
    ...judgeDmarcTexts({ domain, apex: texts, dmarc, deafReceivers }),
    ...(mx === null ? [] : judgeMxSet(mx)),
    ...caa.flatMap((shown) => (shown === null ? [] : judgeCaaTexts(shown))),
    ...judgeOldKeys(oldKeys.filter((one) => one !== null)),
  ];
  return {
    findings,
    unasked: [
      ...(texts === null ? spfKinds : []),
      ...(texts === null || dmarc === null ? dmarcKinds : []),
      ...(mx === null ? ["mx-duplicate"] : []),
      ...(caa.includes(null) ? ["caa-contact", "caa-unknown"] : []),
      ...(oldKeys.includes(null) ? ["dkim-left-over"] : []),
    ],
  };
}

/** What the first server that answers shows; null when none does. */
async function shownAt(question: DnsLookup, view: DnsView): Promise<ShownRecords | null> {
  const answers = await view.askEverywhere(question);
  const heard = answers.filter((answer) => answer.kind === "answered");
  const first = heard.find(({ values }) => values.length > 0) ?? heard[0];
  if (first === undefined) return null;
  return { ...question, values: first.values, saidBy: `${first.nameServer}, ${first.address}` };
}

async function deafReceiversOf(record: string, view: DnsView): Promise<string[]> {
  const receivers = reportReceivers(record).slice(0, receiversMax);
  const isDeaf = await Promise.all(
    receivers.map(async (receiver) => {
      const mx = await view.answer({ name: receiver, type: "MX" });
      if (mx.kind === "failed") return false;
      const hosts = mx.kind === "found" ? mx.values.map((value) => parseMx(value).host) : [receiver];
      const addresses = await Promise.all(
        hosts
          .filter((host) => host !== "")
          .slice(0, receiverHostsMax)
          .flatMap((host) => (["A", "AAAA"] as const).map((type) => view.answer({ name: host, type }))),
      );
      return addresses.every(({ kind }) => kind === "none");
    }),
  );
  return receivers.filter((_, at) => isDeaf[at]);
}

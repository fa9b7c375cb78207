import {
  type CheckFinding,
  characterStrings,
  parseSpf,
  type SpfRepeat,
  spfRecordsOf,
  utf8Length,
  zoneFileLine,
} from "../dns/index.ts";
import { evidenceOfRecords, type ShownRecords } from "./shown-records.ts";

export type SpfFindingKind =
  | "spf-ptr"
  | "spf-after-all"
  | "spf-duplicate"
  | "spf-include-twice"
  | "spf-loop"
  | "spf-type"
  | "spf-large";

type Finding = CheckFinding<SpfFindingKind>;

export interface SpfTextFacts {
  /** TXT at the domain's own name. */
  texts: ShownRecords;
  /** Records of the type SPF, which nobody asks for any more; null when nobody could be asked. */
  ofSpfType: ShownRecords | null;
  /** Names of a round that the includes lead in; null when they lead in none. */
  loop: readonly string[] | null;
  /** Names that it includes and that another of its includes brings already. */
  repeats: readonly SpfRepeat[];
}

// RFC 7208 §3.4: an answer that fits into a packet without extensions reaches every receiver.
const answerMaxBytes = 512;

/** Judges how an SPF record is written. Whether it lets the right servers send is judged with the record itself. */
export function judgeSpfTexts(facts: SpfTextFacts): Finding[] {
  const { texts, ofSpfType } = facts;
  const [record, ...others] = spfRecordsOf(texts.values);
  const typed: Finding[] =
    (ofSpfType?.values.length ?? 0) > 0 && ofSpfType !== null ? [spfType(ofSpfType)] : [];
  const large = answerSizeBytes(texts) > answerMaxBytes && record !== undefined ? [tooLarge(texts)] : [];
  // Several records are judged as the one wrong thing that they are.
  if (record === undefined || others.length > 0 || parseSpf(record).kind === "invalid")
    return [...typed, ...large];
  const terms = record.split(/ +/).slice(1);
  const about = texts.name;
  const evidence = evidenceOfRecords(texts, [record]);
  const ready = (kept: readonly string[]) =>
    zoneFileLine({ name: texts.name, type: "TXT", value: ["v=spf1", ...kept].join(" ") });
  const found: Finding[] = [];
  const isPtr = (term: string) => /^[+?~-]?ptr(:|$)/i.test(term);
  if (terms.some(isPtr))
    found.push({
      kind: "spf-ptr",
      about,
      severity: "warning",
      sentence: `The SPF record of ${about} uses "ptr", which is not to be used any more.`,
      evidence,
      why: "It is slow and unreliable, some receivers pass over it, and it counts against the look-ups (RFC 7208 §5.5).",
      fix: "Name the servers by a:, mx or ip4: and ip6: instead, and take ptr out.",
      record: ready(terms.filter((term) => !isPtr(term))),
    });
  const all = terms.findIndex((term) => /^[+?~-]?all$/i.test(term));
  const dead =
    all < 0 ? [] : terms.slice(all + 1).filter((term) => !/^(?!redirect=)[a-z][\w.-]*=/i.test(term));
  if (dead.length > 0)
    found.push({
      kind: "spf-after-all",
      about,
      severity: "warning",
      sentence: `Behind "${terms[all]}" the SPF record of ${about} still says "${dead.join(" ")}", which nobody reads.`,
      evidence,
      why: "Receivers stop at all (RFC 7208 §5.1), so the servers named behind it may not send.",
      fix: "Move what is meant in front of all, and take the rest out.",
      record: ready([...terms.filter((term, at) => at !== all && !isRedirect(term)), terms[all] ?? ""]),
    });
  const repeated = terms.filter((term, at) => terms.findIndex((one) => sameTerm(one, term)) < at);
  if (repeated.length > 0)
    found.push({
      kind: "spf-duplicate",
      about,
      severity: "instruction",
      sentence: `The SPF record of ${about} says ${[...new Set(repeated)].map((term) => `"${term}"`).join(", ")} more than once.`,
      evidence,
      why: "Each repetition is counted against the ten look-ups that receivers make.",
      fix: "Leave one of each.",
      record: ready(terms.filter((term, at) => terms.findIndex((one) => sameTerm(one, term)) === at)),
    });
  found.push(...includedTwice(facts, { record, repeated, ready }));
  if (facts.loop !== null)
    found.push({
      kind: "spf-loop",
      about,
      severity: "error",
      sentence: `The SPF record of ${about} leads in a round: ${facts.loop.join(" includes ")}.`,
      evidence,
      why: "For every sender that no earlier term names, receivers run into the limit of look-ups and SPF fails.",
      fix: "Take the include: or redirect= out that leads back.",
    });
  return [...found, ...typed, ...large];
}

function includedTwice(
  { texts, repeats }: SpfTextFacts,
  {
    record,
    repeated,
    ready,
  }: { record: string; repeated: readonly string[]; ready: (kept: readonly string[]) => string },
): Finding[] {
  const brought = repeats.filter(({ target }) => !repeated.some((term) => namedBy(term) === target));
  if (brought.length === 0) return [];
  const isBrought = (term: string) => brought.some(({ target }) => namedBy(term) === target);
  return [
    {
      kind: "spf-include-twice",
      about: texts.name,
      severity: "instruction",
      sentence: `The SPF record of ${texts.name} includes ${brought.map(({ target, by }) => `${target}, which ${by} includes already`).join("; ")}.`,
      evidence: [
        ...evidenceOfRecords(texts, [record]),
        ...brought.map(({ target, by, way }) => `${[by, ...way].join(" includes ")} includes ${target}`),
      ],
      why: "It says nothing new, and is counted against the ten look-ups that receivers make.",
      fix: `Take ${brought.map(({ target }) => `include:${target}`).join(" and ")} out.`,
      record: ready(
        record
          .split(/ +/)
          .slice(1)
          .filter((term) => !isBrought(term)),
      ),
    },
  ];
}

function spfType(shown: ShownRecords): Finding {
  return {
    kind: "spf-type",
    about: shown.name,
    severity: "instruction",
    sentence: `${shown.name} has a record of the type SPF, which nobody asks for any more.`,
    evidence: [`${shown.name} SPF (type 99): ${shown.values.length} (${shown.saidBy})`],
    why: "Receivers read the TXT record alone (RFC 7208 §3.1); the other one is forgotten when that changes.",
    fix: "Take the record of the type SPF out, and leave the TXT record.",
  };
}

function tooLarge(texts: ShownRecords): Finding {
  return {
    kind: "spf-large",
    about: texts.name,
    severity: "instruction",
    sentence: `The answer with the TXT records of ${texts.name} has ${answerSizeBytes(texts)} bytes, and more than ${answerMaxBytes} need a second try.`,
    evidence: evidenceOfRecords(texts, texts.values),
    why: "Longer answers go over TCP or in fragments, which some firewalls drop; SPF then fails for a part of the receivers.",
    fix: "Take out proofs of ownership that have done their work, and shorten the SPF record.",
  };
}

const headerBytes = 12;
const questionTailBytes = 4;
/** Pointer to the name, type, class, time to live and length (RFC 1035 §4.1.3, §4.1.4). */
const recordHeadBytes = 12;

/** As a server without extensions sends it: header, question and each record with its name compressed. */
export function answerSizeBytes({ name, values }: Pick<ShownRecords, "name" | "values">): number {
  const texts = values.map((value) => {
    const octets = [...value].reduce((sum, character) => sum + utf8Length(character), 0);
    return recordHeadBytes + octets + characterStrings(value).length;
  });
  return headerBytes + name.length + 2 + questionTailBytes + texts.reduce((sum, one) => sum + one, 0);
}

function sameTerm(left: string, right: string): boolean {
  return left.replace(/^\+/, "").toLowerCase() === right.replace(/^\+/, "").toLowerCase();
}

/** The name that a term includes; null for every other term. */
function namedBy(term: string): string | null {
  return /^\+?include:(.+?)\.?$/i.exec(term)?.[1]?.toLowerCase() ?? null;
}

function isRedirect(term: string): boolean {
  return /^redirect=/i.test(term);
}

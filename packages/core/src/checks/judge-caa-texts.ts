import { type CheckFinding, knownCaaTags, parseCaa } from "../dns/index.ts";
import { evidenceOfRecords, type ShownRecords } from "./shown-records.ts";

export type CaaFindingKind = "caa-contact" | "caa-unknown";
type Finding = CheckFinding<CaaFindingKind>;

const address = String.raw`[^\s@<>":]+@[a-z0-9.-]+\.[a-z0-9-]+`;

/** How each kind of contact is written: RFC 8659 §4.4, and the rules of the authorities (CA/Browser Forum BR B.1). */
const contacts: Readonly<Record<string, { form: RegExp; example: string }>> = {
  iodef: { form: new RegExp(`^(mailto:${address}|https?://\\S+)$`, "i"), example: "mailto:security@" },
  contactemail: { form: new RegExp(`^${address}$`, "i"), example: "security@" },
  contactphone: { form: /^\+[\d .()-]{5,}$/, example: "" },
};

/** Judges how CAA records are written beside whom they let issue: whether a refusal can be told to anybody. */
export function judgeCaaTexts(shown: ShownRecords): Finding[] {
  return shown.values.flatMap((text): Finding[] => {
    const { tag, value, isCritical } = parseCaa(text);
    const contact = contacts[tag];
    if (contact !== undefined && !contact.form.test(value)) return [badContact(tag, { text, value, shown })];
    // A critical one forbids everything, which is judged with the record itself.
    if (knownCaaTags.includes(tag) || isCritical) return [];
    return [
      {
        kind: "caa-unknown",
        about: `${shown.name} ${tag}`,
        severity: "instruction",
        sentence: `The CAA record of ${shown.name} has the property "${tag}", which no authority knows.`,
        evidence: evidenceOfRecords(shown, [text]),
        why: "Authorities pass over it (RFC 8659 §4.1), so whatever it is to forbid or allow does not happen.",
        fix: `Write what is meant, one of ${knownCaaTags.join(", ")}, or take the record out.`,
      },
    ];
  });
}

function badContact(
  tag: string,
  { text, value, shown }: { text: string; value: string; shown: ShownRecords },
): Finding {
  const example = contacts[tag]?.example ?? "";
  const bare = value.replace(/^mailto:/i, "");
  const isAddress = contacts["contactemail"]?.form.test(bare) === true;
  const ready = isAddress ? `${tag === "iodef" ? "mailto:" : ""}${bare}` : `${example}${shown.name}`;
  return {
    kind: "caa-contact",
    about: `${shown.name} ${tag}`,
    severity: "instruction",
    sentence: `The CAA record of ${shown.name} names "${value}" as its contact (${tag}), which cannot be written to.`,
    evidence: evidenceOfRecords(shown, [text]),
    why: "An authority that refuses a certificate for the name cannot tell anybody that somebody tried.",
    fix:
      tag === "contactphone"
        ? "Write a telephone number with its country, like +49 30 1234567, or take the record out."
        : `Write ${tag === "iodef" ? "an address with mailto: in front, or an address of the web" : "a mail address alone"}, or take the record out.`,
    ...(example === "" ? {} : { record: `${shown.name}. IN CAA 0 ${tag} "${ready}"` }),
  };
}

import type { MailSettings } from "@mailstead/core/mail-settings";

/** What a person typed into one of the forms; a field that the form does not have is as if it were empty. */
export type Typed = (field: string) => string;

/** Lists as people write them: one per line, or with commas or blanks between. */
export function typedList(text: string): string[] {
  return text.split(/[\s,;]+/).filter(Boolean);
}

export function typedSpf(typed: Typed, { isFlattened }: { isFlattened: boolean }): MailSettings["spf"] {
  return {
    includes: typedList(typed("includes")).map(includedName),
    addresses: typedList(typed("addresses")).map((term) => term.replace(/^ip[46]:/i, "")),
    isFlattened,
  };
}

/** People paste what a service tells them, which often is the whole term. */
function includedName(term: string): string {
  return term.replace(/^[+?~]?include:/i, "");
}

export function typedDmarc(
  typed: Typed,
  strict: { isDkimStrict: boolean; isSpfStrict: boolean },
): MailSettings["dmarc"] {
  return {
    policy: typed("policy") as MailSettings["dmarc"]["policy"],
    subdomainPolicy: chosenPolicy(typed("subdomainPolicy")),
    nonexistentPolicy: chosenPolicy(typed("nonexistentPolicy")),
    dkimAlignment: strict.isDkimStrict ? "strict" : "relaxed",
    spfAlignment: strict.isSpfStrict ? "strict" : "relaxed",
    ...typedReports(typed),
  };
}

export function typedReports(typed: Typed): Pick<MailSettings["dmarc"], "reportsTo" | "failureReportsTo"> {
  return {
    reportsTo: typedList(typed("reportsTo")).map(mailAddress),
    failureReportsTo: typedList(typed("failureReportsTo")).map(mailAddress),
  };
}

/** One record a line, as services show them and zone files have them: a name, a type, and all that follows. */
export function typedSmarthostRecords(typed: Typed): MailSettings["smarthostRecords"] {
  return typed("smarthostRecords")
    .split("\n")
    .map((line) => line.trim())
    .filter(Boolean)
    .map((line) => {
      const [name = "", type = "", ...value] = line
        .replace(/\s+\d+\s+(?:IN\s+)?(?=[A-Z]+\s)/, " ")
        .split(/\s+/);
      return {
        name: name.replace(/\.$/, ""),
        // What is no such type is told by the server, with all others that it takes.
        type: type.toUpperCase() as MailSettings["smarthostRecords"][number]["type"],
        value: smarthostValue(type, value.join(" ")),
      };
    });
}

function smarthostValue(type: string, text: string): string {
  if (type.toUpperCase() !== "TXT") return text.replace(/\.$/, "").toLowerCase();
  return text.startsWith('"') ? text.replace(/"\s+"/g, "").replace(/^"|"$/g, "") : text;
}

function chosenPolicy(text: string): MailSettings["dmarc"]["subdomainPolicy"] {
  return text === "" ? null : (text as MailSettings["dmarc"]["policy"]);
}

function mailAddress(text: string): string {
  return text.replace(/^mailto:/i, "");
}

export function typedOthers(typed: Typed): Pick<MailSettings, "bimi" | "namesWithoutMail" | "tlsReportsTo"> {
  const [logoUrl, certificateUrl] = [typed("logoUrl").trim(), typed("certificateUrl").trim()];
  return {
    namesWithoutMail: typedList(typed("namesWithoutMail")),
    tlsReportsTo: typedList(typed("tlsReportsTo")).map(mailAddress),
    // A certificate without a logo is told as a logo that is missing, instead of being lost.
    bimi:
      logoUrl === "" && certificateUrl === ""
        ? null
        : { logoUrl, certificateUrl: certificateUrl === "" ? null : certificateUrl },
  };
}

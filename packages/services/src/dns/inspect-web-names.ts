import type { X509Certificate } from "node:crypto";
import {
  type BimiFile,
  judgeBimiFiles,
  judgeWebNames,
  type WebNameFindingKind,
} from "@mailstead/core/checks";
import { type DnsLookupAnswer, expandIpv6, type PlannedRecord, tagList } from "@mailstead/core/dns";
import type { DnsView } from "./dns-view.ts";
import { fetchPage, type PageFetching } from "./fetch-page.ts";
import type { Inspected } from "./inspected.ts";
import { readMarkCertificate } from "./mark-certificate.ts";

interface Looking {
  view: DnsView;
  now: Date;
  fetching: PageFetching | undefined;
  /** Mark authorities to trust in place of the known ones; only in tests. */
  markRoots?: readonly X509Certificate[];
}

// Files of settings are small; what is longer is something else.
const fileSizeMaxBytes = 262_144;

const kinds: readonly WebNameFindingKind[] = [
  "web-name-closed",
  "certificate-name",
  "certificate-untrusted",
  "certificate-expiring",
  "certificate-key",
  "certificate-signature",
];

/** Meets the names under which a domain's host serves files. Names that lead elsewhere are told of by their records. */
export async function inspectWebNames(
  records: readonly PlannedRecord[],
  { view, now, fetching }: Looking,
): Promise<Inspected> {
  const names = records.filter(({ purpose }) => purpose === "web-name");
  const met = await Promise.all(
    names.map(async ({ name, leadsTo = [] }) => {
      const answers = await askAddresses(name, view);
      if (answers.some(({ kind }) => kind === "failed")) return "unaskable";
      const addresses = valuesIn(answers).filter((one) => leadsTo.some((ours) => isSame(ours, one)));
      if (addresses.length === 0) return null;
      const fetched = await fetchPage(
        { host: name, path: "/", addresses, sizeMaxBytes: fileSizeMaxBytes, mustBeTrusted: false },
        view.fetchingOf(fetching),
      );
      if (fetched.kind === "failed" && fetched.isUnaskable === true) return "unaskable";
      return {
        name,
        met:
          fetched.kind === "answered"
            ? { kind: "open" as const, certificate: fetched.certificate }
            : { kind: "closed" as const, problem: fetched.problem },
      };
    }),
  );
  const seen = met.filter((one) => one !== null && one !== "unaskable");
  const closed = seen.filter(({ met: { kind } }) => kind === "closed");
  return {
    findings: judgeWebNames(seen, now),
    unasked: met.includes("unaskable")
      ? kinds
      : closed.flatMap(({ name }) =>
          kinds.filter((kind) => kind !== "web-name-closed").map((kind) => `${kind} https://${name}`),
        ),
  };
}

/** Fetches what a domain's BIMI record names, as a provider of mailboxes does. */
export async function inspectBimi(
  domain: string,
  { view, now, fetching, markRoots }: Looking,
): Promise<Inspected> {
  const answer = await view.answer({ name: `default._bimi.${domain}`, type: "TXT" });
  const record =
    answer.kind === "found" ? answer.values.find((value) => /^v=BIMI1\s*(;|$)/i.test(value)) : undefined;
  if (record === undefined)
    return { findings: [], unasked: answer.kind === "failed" ? ["bimi-logo", "bimi-certificate"] : [] };
  const tags = tagList(record);
  const [logo, certificate] = await Promise.all(
    ["l", "a"].map((tag) => fetchFile(tags.get(tag) ?? "", { view, now, fetching })),
  );
  return {
    findings: judgeBimiFiles({
      domain,
      now,
      logo: logo ?? null,
      certificate:
        certificate == null
          ? null
          : {
              ...certificate,
              read:
                certificate.file.kind === "failed"
                  ? null
                  : readMarkCertificate(certificate.file.text, markRoots),
            },
    }),
    unasked: [],
  };
}

async function fetchFile(
  text: string,
  { view, fetching }: Looking,
): Promise<{ url: string; file: BimiFile } | null> {
  const url = URL.parse(text);
  // Whether there is one at all is judged with the record.
  if (url === null || url.protocol !== "https:" || url.port !== "") return null;
  const fetched = await fetchPage(
    {
      host: url.hostname,
      path: `${url.pathname}${url.search}`,
      addresses: await addressesOf(url.hostname, view),
      sizeMaxBytes: fileSizeMaxBytes,
      mustBeTrusted: true,
    },
    view.fetchingOf(fetching),
  );
  if (fetched.kind === "failed") return { url: text, file: { kind: "failed", problem: fetched.problem } };
  const { status, contentType, text: body } = fetched;
  return { url: text, file: { kind: "served", status, contentType, text: body } };
}

async function addressesOf(name: string, view: DnsView): Promise<string[]> {
  return valuesIn(await askAddresses(name, view));
}

function askAddresses(name: string, view: DnsView): Promise<DnsLookupAnswer[]> {
  return Promise.all((["A", "AAAA"] as const).map((type) => view.answer({ name, type })));
}

function valuesIn(answers: readonly DnsLookupAnswer[]): string[] {
  return answers.flatMap((answer) => (answer.kind === "found" ? [...answer.values] : []));
}

function isSame(left: string, right: string): boolean {
  if (left.includes(":") !== right.includes(":")) return false;
  return left.includes(":") ? expandIpv6(left) === expandIpv6(right) : left === right;
}

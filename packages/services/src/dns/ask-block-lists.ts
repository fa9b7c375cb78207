import {
  type BlockList,
  type ListedSubject,
  listedName,
  listProofs,
  listsSubject,
  readListing,
} from "@mailstead/core/checks";
import type { OutsideSources } from "../context/index.ts";
import type { DnsView } from "./dns-view.ts";

// Owners of lists want no address asked about more often than this, and no more of who was refused.
const askAgainAfterMs = 30 * 60_000;

/**
 * What the lists that this installation names say of addresses and domains, asked through the resolver. When a list does
 * not pass its own test, nothing of what it says is believed, and it is asked no more; what was heard a short while
 * `before` is not asked again.
 */
export async function askBlockLists(
  subjects: readonly string[],
  {
    zones = {},
    view,
    now,
    before = [],
  }: {
    zones: OutsideSources["blockLists"];
    view: DnsView;
    now: Date;
    before: readonly ListedSubject[] | undefined;
  },
): Promise<ListedSubject[]> {
  const asked = await Promise.all(
    (Object.entries(zones) as [BlockList, string][]).map(([list, zone]) => {
      const known = before.filter(
        (one) =>
          one.list === list &&
          one.askedAt !== undefined &&
          now.getTime() - Date.parse(one.askedAt) < askAgainAfterMs,
      );
      return askBlockList(list, {
        zone,
        subjects: subjects.filter((subject) => listsSubject(list, subject)),
        view,
        now,
        known,
      });
    }),
  );
  return asked.flat();
}

async function askBlockList(
  list: BlockList,
  {
    zone,
    subjects,
    view,
    now,
    known,
  }: {
    zone: string;
    subjects: readonly string[];
    view: DnsView;
    now: Date;
    known: readonly ListedSubject[];
  },
): Promise<ListedSubject[]> {
  const ask = async (subject: string) =>
    readListing(list, await view.answer({ name: listedName(subject, zone), type: "A" }));
  let proven: Promise<string | null> | undefined;
  const problemOf = async () => {
    const { listed, clear } = listProofs(list);
    const [must, ...mustNot] = await Promise.all([listed, ...clear].map(ask));
    if (must?.kind === "unknown") return must.problem;
    return must?.kind !== "listed" || mustNot.some(({ kind }) => kind === "listed")
      ? "it does not pass its own test"
      : null;
  };
  return Promise.all(
    subjects.map(async (subject): Promise<ListedSubject> => {
      const heard = known.find((one) => one.subject === subject);
      if (heard !== undefined) return heard;
      proven ??= problemOf();
      const problem = await proven;
      return {
        list,
        subject,
        listing: problem === null ? await ask(subject) : { kind: "unknown", problem },
        askedAt: now.toISOString(),
      };
    }),
  );
}

import { accountFindingPrefix } from "@mailstead/core/accounts";
import { seenBlockListPrefix } from "@mailstead/core/block-lists";
import { feedFindingPrefix } from "@mailstead/core/feeds";
import { deliveryFindingPrefix, fleetFindingPrefix } from "@mailstead/core/findings";
import { reportFindingPrefix } from "@mailstead/core/reports";
import { ruleFindingPrefix } from "@mailstead/core/sender-rules";
import { verdictFindingPrefix } from "@mailstead/core/verdicts";
import type { RouterOutputs } from "../../client/router-types.ts";

type Subject = RouterOutputs["home"]["findingChanges"][number]["subject"];

const pages = { domain: "domains", server: "servers", zone: "zones" } as const;
/** Where records stand that are to be taken away; their domain may have no page any more. */
export const withdrawalsHref = "/settings#withdrawals";

const withOwnPage = [deliveryFindingPrefix, fleetFindingPrefix, ruleFindingPrefix, verdictFindingPrefix];
/** Where on the deliverability page of its subject the numbers of a finding stand, by how its key begins. */
const sections: readonly (readonly [prefix: string, section: string])[] = [
  [reportFindingPrefix, "#reports"],
  [seenBlockListPrefix, "#block-lists"],
  [accountFindingPrefix, "#accounts"],
];

/** Where a finding's evidence stands: its own page, or the part of its subject's page that shows its numbers. */
export function findingHref({ id, key, subject }: { id: string; key: string; subject: Subject }): string {
  if (subject.kind === "organisation" || withOwnPage.some((prefix) => key.startsWith(prefix)))
    return `/findings/${id}`;
  if (subject.kind === "withdrawal") return withdrawalsHref;
  if (key.startsWith(feedFindingPrefix)) return "/deliverability/feeds";
  const section = sections.find(([prefix]) => key.startsWith(prefix))?.[1];
  const page = `/${pages[subject.kind]}/${subject.id}`;
  return section === undefined || subject.kind === "zone" ? page : `${page}/deliverability${section}`;
}

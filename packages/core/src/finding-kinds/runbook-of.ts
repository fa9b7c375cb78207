import { accountFindingPrefix } from "../accounts/index.ts";
import { seenBlockListPrefix } from "../block-lists/index.ts";
import { certificateFindingPrefix } from "../certificates/index.ts";
import { keyFindingPrefix } from "../dkim/index.ts";
import { feedFindingPrefix } from "../feeds/index.ts";
import { measureFindingPrefix } from "../measures/index.ts";
import { reportFindingPrefix } from "../reports/index.ts";
import { kindOf } from "./kind-of.ts";

/** The page under docs/runbooks by how the kind begins; all else was found by a check. */
const pages: readonly (readonly [prefix: string, page: string])[] = [
  [accountFindingPrefix, "stolen-accounts.md"],
  [seenBlockListPrefix, "block-lists.md"],
  [certificateFindingPrefix, "certificates.md"],
  [keyFindingPrefix, "dkim-rotation.md"],
  [feedFindingPrefix, "feeds.md"],
  [measureFindingPrefix, "measures.md"],
  [reportFindingPrefix, "reports.md"],
  ["withdrawal", "dns-providers.md"],
  ["zone-", "zone-hosting.md"],
];

/** The page under docs/runbooks that goes on from the steps, and its part, whose heading names the kind. */
export function runbookOf(key: string): string {
  const kind = kindOf(key);
  const page = pages.find(([prefix]) => kind.startsWith(prefix))?.[1] ?? "dns-checks.md";
  return `${page}#${kind}`;
}

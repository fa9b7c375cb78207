import { accountFindingPrefix } from "../accounts/index.ts";
import { seenBlockListPrefix } from "../block-lists/index.ts";
import { certificateFindingPrefix } from "../certificates/index.ts";
import { smarthostFindingPrefix } from "../checks/index.ts";
import { type ProviderId, providers, type ReplyCategory, replyCategories } from "../delivery/index.ts";
import { keyFindingPrefix } from "../dkim/index.ts";
import { feedFindingPrefix } from "../feeds/index.ts";
import { fleetFindingPrefix, fleetRunbook, runbookFor } from "../findings/index.ts";
import { measureFindingPrefix } from "../measures/index.ts";
import { reportFindingPrefix } from "../reports/index.ts";
import { rolloutFindingPrefix } from "../rollouts/index.ts";
import { ruleFindingPrefix } from "../sender-rules/index.ts";
import { verdictFindingPrefix } from "../verdicts/index.ts";
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
  [rolloutFindingPrefix, "rollouts.md"],
  [smarthostFindingPrefix, "measures.md"],
  ["withdrawal", "dns-providers.md"],
  ["zone-", "zone-hosting.md"],
];

/** Of findings that say it themselves since they have details at all; what the key tells serves those from before. */
function runbookOfReceiver(key: string): string | null {
  const [kind = "", about] = key.split(" ");
  if (kind.startsWith(fleetFindingPrefix)) return fleetRunbook;
  const category = kind.replace(/^delivery-/, "");
  if (category === kind) return null;
  if (!Object.hasOwn(replyCategories, category)) return "receivers.md#reputation";
  const provider = (Object.keys(providers) as ProviderId[]).find((one) => one === about) ?? null;
  return runbookFor(category as ReplyCategory, provider);
}

/** The page under docs/runbooks that goes on from the steps, and its part, whose heading names the kind. */
export function runbookOf(key: string): string {
  const ofReceiver = runbookOfReceiver(key);
  if (ofReceiver !== null) return ofReceiver;
  if (key.startsWith(ruleFindingPrefix)) return "verdicts.md#a-sender-rule-is-not-kept";
  if (key.startsWith(verdictFindingPrefix)) return "verdicts.md#our-own-mail-looks-like-spam";
  const kind = kindOf(key);
  const page = pages.find(([prefix]) => kind.startsWith(prefix))?.[1] ?? "dns-checks.md";
  return `${page}#${kind}`;
}

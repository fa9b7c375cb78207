import { accountFindingPrefix } from "../accounts/index.ts";
import { measureFindingPrefix } from "../measures/index.ts";

/** What one press does about a finding, beside the measure that its details may name. */
export type FindingAction =
  | { readonly kind: "release-account"; readonly address: string }
  | { readonly kind: "hold-account"; readonly address: string }
  | { readonly kind: "restart"; readonly unit: string }
  | { readonly kind: "end-measure" }
  | { readonly kind: "get-certificate" }
  | { readonly kind: "settle-sources" }
  | { readonly kind: "look-again" };

/** Kinds of which another look says nothing new, since nobody looks: people, hosts and providers tell of them. */
const toldByOthers =
  /^(condition-|delivery-|fleet-|rules-|verdict-|reported-|feed-|block-list-seen-|dkim-keys-|rollout-|smarthost-|withdrawal )/;

/** What can be done about a finding at the press of a button; null where everything to be done is on another page. */
export function actionOf(key: string): FindingAction | null {
  const [kind = "", about = ""] = key.split(" ");
  if (kind === `${accountFindingPrefix}held`) return { kind: "release-account", address: about };
  if (kind === `${accountFindingPrefix}suspicious`) return { kind: "hold-account", address: about };
  if (kind.startsWith(measureFindingPrefix)) return { kind: "end-measure" };
  if (kind === "condition-service-down") return { kind: "restart", unit: about };
  if (kind.startsWith("held-certificate-")) return { kind: "get-certificate" };
  if (kind === "reported-stranger") return { kind: "settle-sources" };
  return toldByOthers.test(key) ? null : { kind: "look-again" };
}

import type { RouterOutputs } from "../../client/router-types.ts";

type Subject = RouterOutputs["home"]["findingChanges"][number]["subject"];

const pages = { domain: "domains", server: "servers", zone: "zones" } as const;
/** Where records stand that are to be taken away; their domain may have no page any more. */
export const withdrawalsHref = "/settings#withdrawals";

/** The page of what a finding is of. */
export function subjectHref({ kind, id }: Subject): string {
  return kind === "withdrawal" ? withdrawalsHref : `/${pages[kind]}/${id}`;
}

import { hostConditionCodes, type ServerConcern } from "@mailstead/core/servers";
import type { Translate } from "../../messages/translate.ts";
import { serviceName } from "./service-name.ts";

/** What a concern is called, with the services that it is about. */
export function concernTitle(t: Translate, { code, services }: ServerConcern): string {
  const names = services.map(serviceName).join(", ");
  if (code === "service-down") return t("server.services-down", { names });
  if (code === "restart-failed" && names !== "") return t("server.restart-failed", { names });
  return t(`status.${code}`);
}

export interface ConcernFix {
  href: string;
  label:
    | "server.show-job"
    | "server.show-drift"
    | "server.install"
    | "server.converge"
    | "server.set-relay"
    | "server-settings.reenrol"
    | "add-server.renew";
}

/** Whether a concern is told by its host, so that the server's page shows its findings in its place. */
export function isToldByHost({ code }: Pick<ServerConcern, "code">): boolean {
  return hostConditionCodes.some((one) => one === code);
}

/** Where a concern is dealt with and what the way there is called; null when it is not dealt with here. */
export function concernFix(
  serverId: string,
  { code, jobId }: Pick<ServerConcern, "code" | "jobId">,
): ConcernFix | null {
  if (jobId !== null) return { href: `/jobs/${jobId}`, label: "server.show-job" };
  const base = `/servers/${serverId}`;
  switch (code) {
    case "drift":
      return { href: `${base}/drift`, label: "server.show-drift" };
    case "not-installed":
      return { href: `${base}/install`, label: "server.install" };
    case "behind":
      return { href: `${base}/install`, label: "server.converge" };
    case "port-25-blocked":
      return { href: `${base}/settings`, label: "server.set-relay" };
    case "quarantined":
      return { href: `${base}/settings`, label: "server-settings.reenrol" };
    case "awaiting-agent":
      return { href: base, label: "add-server.renew" };
    default:
      return null;
  }
}

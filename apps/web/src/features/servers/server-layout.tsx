"use client";
import { useQuery } from "@tanstack/react-query";
import { HardDriveDownload } from "lucide-react";
import Link from "next/link";
import { usePathname } from "next/navigation";
import type { ReactNode } from "react";
import { useTRPC } from "../../client/trpc.tsx";
import { Button } from "../../components/button.tsx";
import { PageHeader } from "../../components/page-header.tsx";
import { ProblemScreen } from "../../components/problem-screen.tsx";
import { TabLinks } from "../../components/tab-links.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { IfMay } from "../access/role-provider.tsx";
import { useFollow } from "../live/live-provider.tsx";
import { ServerMenu } from "./server-menu.tsx";
import { ServerStateBadge } from "./server-state-word.tsx";
import { useServerCache } from "./use-server-cache.ts";

/** The head that all parts of a server share, and the place where the page follows the server. */
export function ServerLayout({ serverId, children }: { serverId: string; children: ReactNode }) {
  const { t } = useWords();
  const trpc = useTRPC();
  const path = usePathname();
  const query = useQuery(trpc.servers.get.queryOptions({ serverId }));
  const cache = useServerCache();
  useFollow([{ kind: "server", id: serverId }], () => void cache.refresh());
  if (query.error !== null && query.data === undefined)
    return <ProblemScreen error={query.error} retry={() => void query.refetch()} />;
  const server = query.data;
  if (server === undefined) return null;
  const base = `/servers/${serverId}`;
  const isInstallPage = path === `${base}/install`;
  return (
    <>
      <PageHeader
        title={server.name}
        parent={{ href: "/servers", label: t("servers.title") }}
        badge={<ServerStateBadge server={server} />}
        description={<span className="font-mono">{server.hostname}</span>}
        actions={
          <>
            {server.installRequestedAt === null && server.enrolmentState === "enrolled" && !isInstallPage ? (
              <IfMay use="servers.install">
                <Button asChild look="primary">
                  <Link href={`${base}/install`}>
                    <HardDriveDownload aria-hidden="true" className="size-4" />
                    {t("server.install")}
                  </Link>
                </Button>
              </IfMay>
            ) : null}
            <ServerMenu server={server} />
          </>
        }
      />
      <TabLinks
        label={t("server.tabs")}
        tabs={[
          { href: base, label: t("server.tab.overview") },
          { href: `${base}/deliverability`, label: t("deliverability.tab.title") },
          { href: `${base}/queue`, label: t("queue.tab.title") },
          { href: `${base}/software`, label: t("software.tab.title") },
          { href: `${base}/drift`, label: t("server.tab.drift"), count: server.driftCount },
          { href: `${base}/jobs`, label: t("server.tab.jobs") },
          { href: `${base}/settings`, label: t("server.tab.settings") },
        ]}
      />
      {children}
    </>
  );
}

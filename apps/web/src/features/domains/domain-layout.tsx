"use client";
import { useQuery } from "@tanstack/react-query";
import { Mail, MailX, Route, Trash2, Waypoints } from "lucide-react";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { type ReactNode, useState } from "react";
import { useTRPC } from "../../client/trpc.tsx";
import { MoreMenu } from "../../components/more-menu.tsx";
import { PageHeader } from "../../components/page-header.tsx";
import { ProblemScreen } from "../../components/problem-screen.tsx";
import { TabLinks } from "../../components/tab-links.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { useMay } from "../access/role-provider.tsx";
import { useFollow } from "../live/live-provider.tsx";
import { traceHref } from "../trace/trace-query.ts";
import { RemoveDomainDialog } from "./remove-domain-dialog.tsx";
import { StartMailDialog } from "./start-mail-dialog.tsx";
import { StopMailDialog } from "./stop-mail-dialog.tsx";

/** The head that all parts of a domain share. */
export function DomainLayout({ domainId, children }: { domainId: string; children: ReactNode }) {
  const { t } = useWords();
  const trpc = useTRPC();
  const router = useRouter();
  const [isRemoving, setRemoving] = useState(false);
  const [isStarting, setStarting] = useState(false);
  const [isStopping, setStopping] = useState(false);
  const query = useQuery(trpc.domains.get.queryOptions({ domainId }));
  const tenants = useQuery(trpc.tenants.list.queryOptions());
  const domain = query.data;
  const zones = useQuery(trpc.zones.list.queryOptions({}));
  const zone = zones.data?.find(({ name }) => domain?.name === name || domain?.name.endsWith(`.${name}`));
  const tenant = tenants.data?.find((each) => each.id === domain?.tenantId);
  useFollow(
    (domain?.servers ?? []).map((server) => ({ kind: "server", id: server.id })),
    () => void query.refetch(),
  );
  const may = useMay();
  if (domain === undefined) {
    return query.error === null ? null : (
      <ProblemScreen error={query.error} retry={() => void query.refetch()} />
    );
  }
  const base = `/domains/${domainId}`;
  return (
    <>
      <PageHeader
        title={<span className="font-mono tracking-tight">{domain.unicodeName}</span>}
        parent={{ href: "/domains", label: t("domains.title") }}
        description={
          <>
            {tenant === undefined ? null : `${tenant.name}, `}
            {domain.isWithoutMail ? t("domain.without-mail") : `${t("domain.served-by")} `}
            {domain.servers.map((server, index) => (
              <span key={server.id}>
                {index > 0 ? ", " : null}
                <Link href={`/servers/${server.id}`} className="text-accent hover:underline">
                  {server.name}
                </Link>
              </span>
            ))}
          </>
        }
        actions={
          <MoreMenu
            label={t("controls.more")}
            look="secondary"
            groups={[
              [
                zone === undefined
                  ? may("zones.create") && {
                      label: t("domain.host-dns"),
                      icon: <Waypoints aria-hidden="true" className="size-3.5 text-ink-3" />,
                      onSelect: () => router.push(`/zones?host=1&zone=${domain.name}`),
                    }
                  : {
                      label: t("domain.dns-hosted"),
                      icon: <Waypoints aria-hidden="true" className="size-3.5 text-ink-3" />,
                      onSelect: () => router.push(`/zones/${zone.id}`),
                    },
                may("trace.start") && {
                  label: t("trace.link"),
                  icon: <Route aria-hidden="true" className="size-3.5 text-ink-3" />,
                  onSelect: () => router.push(traceHref({ domain: domain.name })),
                },
              ],
              [
                domain.isWithoutMail
                  ? may("domains.startMail") && {
                      label: t("start-mail.action"),
                      icon: <Mail aria-hidden="true" className="size-3.5 text-ink-3" />,
                      onSelect: () => setStarting(true),
                    }
                  : may("domains.stopMail") && {
                      label: t("stop-mail.action"),
                      icon: <MailX aria-hidden="true" className="size-3.5 text-ink-3" />,
                      onSelect: () => setStopping(true),
                    },
              ],
              [
                may("domains.remove") && {
                  label: t("domain.remove"),
                  icon: <Trash2 aria-hidden="true" className="size-3.5" />,
                  isDanger: true,
                  onSelect: () => setRemoving(true),
                },
              ],
            ]}
          />
        }
      />
      <TabLinks
        label={t("domain.tabs")}
        tabs={[
          { href: base, label: t("domain.tab.records") },
          // It has no addresses and no keys.
          ...(domain.isWithoutMail
            ? []
            : [
                { href: `${base}/mailboxes`, label: t("domain.tab.mailboxes"), count: domain.mailboxCount },
                { href: `${base}/aliases`, label: t("domain.tab.aliases"), count: domain.aliasCount },
                { href: `${base}/deliverability`, label: t("deliverability.tab.title") },
                { href: `${base}/keys`, label: t("domain.tab.keys") },
              ]),
          { href: `${base}/settings`, label: t("domain.tab.settings") },
        ]}
      />
      {children}
      <StartMailDialog domain={domain} isOpen={isStarting} onOpenChange={setStarting} />
      <StopMailDialog domain={domain} isOpen={isStopping} onOpenChange={setStopping} />
      <RemoveDomainDialog
        domain={{ id: domainId, name: domain.name }}
        isOpen={isRemoving}
        onOpenChange={setRemoving}
      />
    </>
  );
}

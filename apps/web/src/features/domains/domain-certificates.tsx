"use client";
import { useQuery } from "@tanstack/react-query";
import { useTRPC } from "../../client/trpc.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { CertificatesPanel } from "../certificates/certificates-panel.tsx";

/** The certificates for a domain's names, on each of its servers. */
export function DomainCertificates({ domainId }: { domainId: string }) {
  const { t } = useWords();
  const { data } = useQuery(useTRPC().domains.get.queryOptions({ domainId }));
  const servers = data?.servers ?? [];
  return servers.map((server) => (
    <CertificatesPanel
      key={server.id}
      serverId={server.id}
      domainId={domainId}
      {...(servers.length > 1 ? { title: `${t("certificates.title")} · ${server.name}` } : {})}
    />
  ));
}

"use client";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTRPC } from "../../client/trpc.tsx";
import { Button } from "../../components/button.tsx";
import { Panel } from "../../components/panel.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { ForRole } from "../access/role-provider.tsx";
import { AddDomainServerDialog } from "./add-domain-server-dialog.tsx";
import { DomainServerRow } from "./domain-server-row.tsx";

/** Which servers work for a domain and what each is for, with the ways to add one, change it and take it off. */
export function DomainServersPanel({ domainId }: { domainId: string }) {
  const { t } = useWords();
  const [isAdding, setAdding] = useState(false);
  const { data: domain } = useQuery(useTRPC().domains.get.queryOptions({ domainId }));
  if (domain === undefined || domain.isWithoutMail) return null;
  return (
    <Panel
      id="servers"
      title={t("domain-servers.title")}
      description={t("domain-servers.lead")}
      isFlush
      actions={
        <ForRole needed="technician">
          <Button size="small" look="secondary" onClick={() => setAdding(true)}>
            {t("domain-servers.add")}
          </Button>
        </ForRole>
      }
    >
      <ul aria-label={t("domain-servers.title")}>
        {domain.servers.map((server) => (
          <DomainServerRow key={server.id} domain={domain} server={server} />
        ))}
      </ul>
      <AddDomainServerDialog domain={domain} isOpen={isAdding} onOpenChange={setAdding} />
    </Panel>
  );
}

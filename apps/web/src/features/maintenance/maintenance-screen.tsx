"use client";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTRPC } from "../../client/trpc.tsx";
import { Button } from "../../components/button.tsx";
import { PageHeader } from "../../components/page-header.tsx";
import { Panel } from "../../components/panel.tsx";
import { ProblemScreen } from "../../components/problem-screen.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { IfMay } from "../access/role-provider.tsx";
import { CustomerDialog } from "./customer-dialog.tsx";
import { FreezesPanel } from "./freezes-panel.tsx";
import { type Customer, windowText } from "./window-text.ts";

/** When servers may be changed, and what is brought to them by itself. */
export function MaintenanceScreen() {
  const { t } = useWords();
  const trpc = useTRPC();
  const query = useQuery(trpc.maintenance.customers.queryOptions());
  if (query.data === undefined)
    return query.error === null ? null : (
      <ProblemScreen error={query.error} retry={() => void query.refetch()} />
    );
  return (
    <>
      <PageHeader
        title={t("maintenance.title")}
        parent={{ href: "/settings", label: t("settings.title") }}
        description={t("maintenance.lead")}
      />
      <div className="grid max-w-3xl gap-4">
        <FreezesPanel customers={query.data} />
        <Panel title={t("maintenance.customers")} description={t("maintenance.customers-lead")} isFlush>
          {query.data.length === 0 ? (
            <p className="px-4 py-3.5 text-ink-3 text-table">{t("maintenance.no-customers")}</p>
          ) : (
            <ul>
              {query.data.map((customer) => (
                <CustomerLine key={customer.tenantId} customer={customer} />
              ))}
            </ul>
          )}
        </Panel>
      </div>
    </>
  );
}

function CustomerLine({ customer }: { customer: Customer }) {
  const { t, locale } = useWords();
  const [isEdited, setEdited] = useState(false);
  const { tenantName, windows, timeZone, policy } = customer;
  const brought =
    policy === null
      ? t("maintenance.policy.nothing")
      : t(`maintenance.policy.${policy.updates}-after`, { count: policy.canaryDays });
  return (
    <li className="flex items-start justify-between gap-4 border-line border-b px-4 py-3 text-table last:border-b-0">
      <div className="grid min-w-0 flex-1 gap-x-6 gap-y-0.5 md:grid-cols-[2fr_3fr_3fr] md:py-1">
        <span className="font-medium [overflow-wrap:anywhere]">{tenantName}</span>
        {windows.length === 0 ? (
          <span className="text-ink-3">{t("maintenance.any-time")}</span>
        ) : (
          <span className="text-ink-2">
            {windows
              .map((window) => windowText(window, locale))
              .map((text) => (
                <span key={text} className="block">
                  {text}
                </span>
              ))}
            <span className="text-ink-3 text-meta">{timeZone}</span>
          </span>
        )}
        <span className={policy === null ? "text-ink-3" : "text-ink-2"}>{brought}</span>
      </div>
      <IfMay use="maintenance.setTimes">
        <Button
          size="small"
          aria-label={t("maintenance.edit-named", { name: tenantName })}
          onClick={() => setEdited(true)}
        >
          {t("maintenance.edit")}
        </Button>
      </IfMay>
      <IfMay use="maintenance.setPolicy">
        <CustomerDialog customer={customer} isOpen={isEdited} onOpenChange={setEdited} />
      </IfMay>
    </li>
  );
}

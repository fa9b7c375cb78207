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

/** When servers may be changed, and what is brought to them without a press. */
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
  const times =
    windows.length === 0
      ? t("maintenance.any-time")
      : `${windows.map((window) => windowText(window, locale)).join("; ")} (${timeZone})`;
  const brought =
    policy === null
      ? t("maintenance.policy.none")
      : t(`maintenance.policy.${policy.updates}-after`, { count: policy.canaryDays });
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-2 border-line border-b px-4 py-3 text-table last:border-b-0">
      <div className="grid min-w-0 flex-[1_1_16rem] leading-tight">
        <span className="font-medium [overflow-wrap:anywhere]">{tenantName}</span>
        <span className="text-ink-3 text-meta">
          {times} · {brought}
        </span>
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
      <CustomerDialog customer={customer} isOpen={isEdited} onOpenChange={setEdited} />
    </li>
  );
}

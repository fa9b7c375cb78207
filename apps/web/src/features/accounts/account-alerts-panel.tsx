"use client";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useTRPC } from "../../client/trpc.tsx";
import { Panel } from "../../components/panel.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { CheckFindingItem } from "../domains/check-finding-item.tsx";
import { AccountButtons } from "./account-buttons.tsx";

// Hosts tell every minute.
const refreshEveryMs = 30_000;

export interface AccountAlertsPanelProps {
  of: { serverId?: string; domainId?: string };
  className?: string;
}

/** Mailboxes that send unlike themselves or are held, with what was measured and what to do; nothing while there are none. */
export function AccountAlertsPanel({ of, className }: AccountAlertsPanelProps) {
  const { t } = useWords();
  const trpc = useTRPC();
  const { data: alerts } = useQuery(
    trpc.accounts.list.queryOptions(of, {
      placeholderData: keepPreviousData,
      refetchInterval: refreshEveryMs,
    }),
  );
  if (alerts === undefined || alerts.length === 0) return null;
  return (
    <Panel
      id="accounts"
      title={t("accounts.title")}
      description={t("accounts.lead")}
      isFlush
      {...(className === undefined ? {} : { className })}
    >
      <ul>
        {alerts.map((alert) => (
          <li key={`${alert.serverId} ${alert.address}`} className="border-line border-b last:border-b-0">
            <CheckFindingItem
              finding={alert.finding}
              action={
                <div className="flex flex-wrap items-center gap-2">
                  {of.serverId === undefined ? (
                    <span className="text-ink-3 text-meta">
                      {t("accounts.on", { server: alert.serverName })}
                    </span>
                  ) : null}
                  <AccountButtons
                    serverId={alert.serverId}
                    address={alert.address}
                    isHeld={alert.hold !== null}
                    waiting={alert.waiting}
                  />
                </div>
              }
            />
          </li>
        ))}
      </ul>
    </Panel>
  );
}

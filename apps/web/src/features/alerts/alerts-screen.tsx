"use client";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTRPC } from "../../client/trpc.tsx";
import { Button } from "../../components/button.tsx";
import { Field, Input } from "../../components/field.tsx";
import { PageHeader } from "../../components/page-header.tsx";
import { Panel } from "../../components/panel.tsx";
import { ProblemNote } from "../../components/problem-note.tsx";
import { ProblemScreen } from "../../components/problem-screen.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { IfMay } from "../access/role-provider.tsx";
import { AddChannelDialog } from "./add-channel-dialog.tsx";
import { ChannelLine } from "./channel-line.tsx";

const refreshEveryMs = 60_000;
// What is under way is settled within seconds, and somebody who sent a test waits for it.
const refreshWhileWaitingMs = 3_000;

/** Who is told, of what, when not, and what became of the last alerts. */
export function AlertsScreen() {
  const { t } = useWords();
  const trpc = useTRPC();
  const [isAdding, setAdding] = useState(false);
  const query = useQuery(
    trpc.alerts.settings.queryOptions(undefined, {
      refetchInterval: ({ state }) =>
        state.data?.channels.some(
          ({ log, retried }) => retried.waiting > 0 || log.some((line) => line.state === "waiting"),
        )
          ? refreshWhileWaitingMs
          : refreshEveryMs,
    }),
  );
  if (query.data === undefined)
    return query.error === null ? null : (
      <ProblemScreen error={query.error} retry={() => void query.refetch()} />
    );
  const { channels, timeZone, canSendMail } = query.data;
  return (
    <>
      <PageHeader
        title={t("alerts.title")}
        parent={{ href: "/settings", label: t("settings.title") }}
        description={t("alerts.lead")}
      />
      <div className="grid max-w-3xl gap-4">
        <Panel
          title={t("alerts.channels")}
          isFlush
          actions={
            <IfMay use="alerts.add">
              <Button size="small" look="primary" onClick={() => setAdding(true)}>
                {t("alerts.add")}
              </Button>
            </IfMay>
          }
        >
          {channels.length === 0 ? (
            <p className="px-4 py-3.5 text-ink-3 text-table">{t("alerts.empty")}</p>
          ) : (
            <ul>
              {channels.map((channel) => (
                <ChannelLine key={channel.id} channel={channel} timeZone={timeZone} />
              ))}
            </ul>
          )}
        </Panel>
        <IfMay use="alerts.setTimeZone">
          <TimeZonePanel timeZone={timeZone} />
        </IfMay>
        <AddChannelDialog
          isOpen={isAdding}
          onOpenChange={setAdding}
          timeZone={timeZone}
          canSendMail={canSendMail}
        />
      </div>
    </>
  );
}

function TimeZonePanel({ timeZone }: { timeZone: string }) {
  const { t } = useWords();
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const save = useMutation(
    trpc.alerts.setTimeZone.mutationOptions({
      onSuccess: () => queryClient.invalidateQueries({ queryKey: trpc.alerts.pathKey() }),
    }),
  );
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    save.mutate({ timeZone: String(new FormData(event.currentTarget).get("timeZone")) });
  };
  return (
    <Panel title={t("alerts.zone")}>
      <form onSubmit={submit} className="flex max-w-md flex-wrap items-end gap-2">
        <Field label={t("alerts.zone")} className="flex-1">
          <Input key={timeZone} name="timeZone" defaultValue={timeZone} required list="time-zones" />
        </Field>
        <datalist id="time-zones">
          {Intl.supportedValuesOf("timeZone").map((name) => (
            <option key={name} value={name} />
          ))}
        </datalist>
        <Button type="submit" isBusy={save.isPending}>
          {t("alerts.zone-save")}
        </Button>
      </form>
      <ProblemNote error={save.error} />
    </Panel>
  );
}

"use client";
import { useQuery } from "@tanstack/react-query";
import { Search } from "lucide-react";
import { type FormEvent, useState } from "react";
import { useTRPC } from "../../client/trpc.tsx";
import { Button } from "../../components/button.tsx";
import { Field, Input, Select } from "../../components/field.tsx";
import { Panel } from "../../components/panel.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { emptyQuery, isAsked, type TraceQuery, type TraceSpan, traceSpans } from "./trace-query.ts";

/** What is known of the message that is looked for. */
export function TraceForm({
  query,
  isBusy,
  onSearch,
}: {
  query: TraceQuery | null;
  isBusy: boolean;
  onSearch: (query: TraceQuery) => void;
}) {
  const { t } = useWords();
  const trpc = useTRPC();
  const [typed, setTyped] = useState(query ?? emptyQuery);
  const queues = useQuery(trpc.mailQueue.list.queryOptions({}));
  const change = (changes: Partial<TraceQuery>) => setTyped((before) => ({ ...before, ...changes }));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (isAsked(typed)) onSearch(typed);
  };
  const text = (name: "from" | "to" | "domain" | "id") => ({
    value: typed[name],
    onChange: (event: { target: { value: string } }) => change({ [name]: event.target.value }),
    autoComplete: "off",
    autoCapitalize: "none",
    spellCheck: false,
    className: "font-mono text-table",
  });
  return (
    <Panel>
      <form onSubmit={submit} className="grid gap-4">
        <div className="grid gap-4 sm:grid-cols-2 lg:grid-cols-4">
          <Field label={t("trace.from")} hint={t("trace.whole-address")}>
            <Input {...text("from")} inputMode="email" />
          </Field>
          <Field label={t("trace.to")} hint={t("trace.whole-address")}>
            <Input {...text("to")} inputMode="email" />
          </Field>
          <Field label={t("trace.domain")}>
            <Input {...text("domain")} />
          </Field>
          <Field label={t("trace.id")} hint={t("trace.id-hint")}>
            <Input {...text("id")} />
          </Field>
        </div>
        <div className="flex flex-wrap items-end gap-4">
          <Field label={t("trace.span")} className="min-w-40 max-sm:grow">
            <Select
              value={typed.span}
              onChange={(event) => change({ span: event.target.value as TraceSpan })}
            >
              {(Object.keys(traceSpans) as TraceSpan[]).map((span) => (
                <option key={span} value={span}>
                  {t(`trace.span.${span}`)}
                </option>
              ))}
            </Select>
          </Field>
          <Field label={t("trace.server")} className="min-w-56 max-sm:grow">
            <Select value={typed.serverId} onChange={(event) => change({ serverId: event.target.value })}>
              <option value="">{t("trace.every-server")}</option>
              {(queues.data ?? [])
                .toSorted((a, b) => a.serverName.localeCompare(b.serverName))
                .map(({ serverId, serverName }) => (
                  <option key={serverId} value={serverId}>
                    {serverName}
                  </option>
                ))}
            </Select>
          </Field>
          <Button type="submit" look="primary" size="large" isBusy={isBusy} disabled={!isAsked(typed)}>
            <Search aria-hidden="true" className="size-4" />
            {t("trace.search")}
          </Button>
        </div>
      </form>
    </Panel>
  );
}

"use client";
import type { ClientServer, ClientSettings } from "@mailstead/core/mailboxes";
import { useQuery } from "@tanstack/react-query";
import { useTRPC } from "../../client/trpc.tsx";
import { CopyButton } from "../../components/copy-button.tsx";
import { ProblemNote } from "../../components/problem-note.tsx";
import { Skeleton } from "../../components/skeleton.tsx";
import { useWords } from "../../components/words-provider.tsx";
import type { Translate } from "../../messages/translate.ts";

const parts = [
  { key: "imap", title: "mailbox.incoming" },
  { key: "submission", title: "mailbox.outgoing" },
  { key: "submissionWithStarttls", title: "mailbox.outgoing-starttls" },
  { key: "sieve", title: "mailbox.filters" },
] as const;

/** What a person types into a mail program, each value with its copy button. */
export function ClientSettingsList({ mailboxId }: { mailboxId: string }) {
  const { t } = useWords();
  const trpc = useTRPC();
  const query = useQuery(trpc.mailboxes.clientSettings.queryOptions({ mailboxId }));
  if (query.error !== null) return <ProblemNote error={query.error} />;
  if (query.data === undefined) return <Skeleton className="h-80" />;
  const settings = query.data;
  return (
    <div className="grid gap-3">
      <dl className="flex items-center gap-2 rounded-ui border border-line py-1 pr-1 pl-3 text-table">
        <dt className="text-ink-3">{t("mailbox.username")}</dt>
        <dd className="flex min-w-0 flex-1 items-center justify-end gap-1 font-mono">
          <span className="min-w-0 [overflow-wrap:anywhere]">{settings.username}</span>
          <CopyButton text={settings.username} what={t("mailbox.username")} />
        </dd>
      </dl>
      {parts.map(({ key, title }) => (
        <ServerLines key={key} title={t(title)} server={settings[key]} />
      ))}
      <div className="flex justify-end">
        <CopyButton
          text={settingsText(t, settings)}
          what={t("mailbox.copy-all")}
          hasWord
          word={t("mailbox.copy-all-action")}
          look="secondary"
        />
      </div>
    </div>
  );
}

function ServerLines({ title, server }: { title: string; server: ClientServer }) {
  const { t } = useWords();
  return (
    <section className="grid gap-0.5">
      <h3 className="text-ink-3 text-meta">{title}</h3>
      <dl className="grid grid-cols-[minmax(0,1fr)_auto_auto] items-center gap-x-4 rounded-ui border border-line py-1 pr-3 pl-3 text-table">
        <div className="flex min-w-0 items-center gap-1">
          <dt className="sr-only">{t("mailbox.host")}</dt>
          <dd className="min-w-0 font-mono [overflow-wrap:anywhere]">{server.host}</dd>
          <CopyButton text={server.host} what={t("mailbox.host")} />
        </div>
        <div className="figures">
          <dt className="sr-only">{t("mailbox.port")}</dt>
          <dd className="font-mono">{server.port}</dd>
        </div>
        <div>
          <dt className="sr-only">{t("mailbox.security")}</dt>
          <dd className="w-18 text-right text-ink-2">{t(`mailbox.security.${server.security}`)}</dd>
        </div>
      </dl>
    </section>
  );
}

function settingsText(t: Translate, settings: ClientSettings): string {
  const lines = parts.map(({ key, title }) => {
    const { host, port, security } = settings[key];
    return `${t(title)}: ${host}, ${t("mailbox.port")} ${port}, ${t(`mailbox.security.${security}`)}`;
  });
  return [`${t("mailbox.username")}: ${settings.username}`, ...lines].join("\n");
}

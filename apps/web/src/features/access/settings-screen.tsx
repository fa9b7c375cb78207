"use client";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useEffect, useState } from "react";
import type { RouterOutputs } from "../../client/router-types.ts";
import { useTRPC } from "../../client/trpc.tsx";
import { Button } from "../../components/button.tsx";
import { classNames } from "../../components/class-names.ts";
import { Facts } from "../../components/facts.tsx";
import { Field } from "../../components/field.tsx";
import { PageHeader } from "../../components/page-header.tsx";
import { Panel } from "../../components/panel.tsx";
import { ProblemNote } from "../../components/problem-note.tsx";
import { Ago } from "../../components/time.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { AlertsPanel } from "../alerts/alerts-panel.tsx";
import { SpamhausPanel } from "../block-lists/spamhaus-panel.tsx";
import { AuthorityPanel } from "../certificates/authority-panel.tsx";
import { RemovedCertificatesPanel } from "../certificates/removed-certificates-panel.tsx";
import { DelegationZonePanel } from "../dkim-delegation/delegation-zone-panel.tsx";
import { FeedsPanel } from "../feeds/feeds-panel.tsx";
import { MaintenancePanel } from "../maintenance/maintenance-panel.tsx";
import { DnsConnectionsPanel } from "../publishing/dns-connections-panel.tsx";
import { chooseTheme, readTheme, type Theme } from "../shell/theme.ts";
import { WithdrawalsPanel } from "../withdrawals/withdrawals-panel.tsx";
import { agentName } from "./agent-name.ts";
import { DigestPanel } from "./digest-panel.tsx";
import { PasswordInput } from "./password-input.tsx";

const themes: readonly Theme[] = ["system", "light", "dark"];

/** A person's own settings: who they are, how it looks, their password, where they are signed in. */
export function SettingsScreen() {
  const { t } = useWords();
  const trpc = useTRPC();
  const me = useQuery(trpc.access.me.queryOptions());
  return (
    <>
      <PageHeader title={t("settings.title")} />
      <div className="grid max-w-3xl gap-4">
        <Panel title={t("settings.profile")}>
          {me.data === undefined ? null : (
            <Facts
              facts={[
                { term: t("settings.name"), detail: me.data.name },
                { term: t("access.email"), detail: me.data.email },
                { term: t("settings.organisation"), detail: me.data.organisationName },
                ...(me.data.role === null
                  ? []
                  : [{ term: t("settings.role"), detail: t(`settings.role.${me.data.role}`) }]),
              ]}
            />
          )}
        </Panel>
        <DnsConnectionsPanel />
        <DelegationZonePanel />
        <SpamhausPanel />
        <AuthorityPanel />
        <FeedsPanel />
        <RemovedCertificatesPanel />
        <WithdrawalsPanel />
        <ThemePanel />
        <AlertsPanel />
        <MaintenancePanel />
        <DigestPanel />
        <PasswordPanel />
        <SessionsPanel />
      </div>
    </>
  );
}

function ThemePanel() {
  const { t } = useWords();
  const [theme, setTheme] = useState<Theme>("system");
  useEffect(() => setTheme(readTheme(document.documentElement.dataset["theme"])), []);
  const choose = (next: Theme) => {
    setTheme(next);
    chooseTheme(next);
  };
  return (
    <Panel title={t("settings.appearance")} description={t("settings.appearance-hint")}>
      <div
        role="radiogroup"
        aria-label={t("settings.appearance")}
        className="flex w-fit flex-wrap gap-1 rounded-ui bg-sunken p-1"
      >
        {themes.map((each) => (
          <label
            key={each}
            className={classNames(
              "flex h-8 cursor-pointer items-center rounded-[0.3125rem] px-3 text-table has-focus-visible:outline-2 has-focus-visible:outline-accent",
              each === theme ? "bg-surface font-medium shadow-rest" : "text-ink-2 hover:text-ink",
            )}
          >
            <input
              type="radio"
              name="theme"
              value={each}
              checked={each === theme}
              onChange={() => choose(each)}
              className="sr-only"
            />
            {t(`theme.${each}`)}
          </label>
        ))}
      </div>
    </Panel>
  );
}

function PasswordPanel() {
  const { t } = useWords();
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const change = useMutation(trpc.access.changePassword.mutationOptions());
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const target = event.currentTarget;
    const form = new FormData(target);
    change.mutate(
      { currentPassword: String(form.get("currentPassword")), newPassword: String(form.get("newPassword")) },
      {
        onSuccess: () => {
          target.reset();
          return queryClient.invalidateQueries({ queryKey: trpc.access.sessions.pathKey() });
        },
      },
    );
  };
  return (
    <Panel title={t("settings.password")} description={t("settings.password-note")}>
      <form onSubmit={submit} className="grid max-w-sm gap-4">
        <Field label={t("settings.current-password")}>
          <PasswordInput name="currentPassword" autoComplete="current-password" required />
        </Field>
        <Field label={t("settings.new-password")} hint={t("access.password-hint")}>
          <PasswordInput name="newPassword" autoComplete="new-password" required />
        </Field>
        <ProblemNote error={change.error} />
        {change.isSuccess ? (
          <p role="status" className="rounded-ui bg-good-soft px-3 py-2 text-table">
            {t("settings.password-changed")}
          </p>
        ) : null}
        <Button type="submit" isBusy={change.isPending} className="justify-self-start">
          {t("settings.change-password")}
        </Button>
      </form>
    </Panel>
  );
}

function SessionsPanel() {
  const { t } = useWords();
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const sessions = useQuery(trpc.access.sessions.queryOptions());
  const again = {
    onSuccess: () => queryClient.invalidateQueries({ queryKey: trpc.access.sessions.pathKey() }),
  };
  const end = useMutation(trpc.access.endSession.mutationOptions(again));
  const endOthers = useMutation(trpc.access.endOtherSessions.mutationOptions(again));
  const others = sessions.data?.filter((session) => !session.isThis) ?? [];
  return (
    <Panel
      title={t("settings.sessions")}
      description={t("settings.sessions-note")}
      isFlush
      actions={
        others.length === 0 ? undefined : (
          <Button size="small" isBusy={endOthers.isPending} onClick={() => endOthers.mutate()}>
            {t("settings.sessions.end-others")}
          </Button>
        )
      }
    >
      <ProblemNote error={sessions.error ?? end.error ?? endOthers.error} />
      <ul>
        {(sessions.data ?? []).map((session) => (
          <SessionLine
            key={session.id}
            session={session}
            isBusy={end.isPending}
            onEnd={() => end.mutate({ sessionId: session.id })}
          />
        ))}
      </ul>
    </Panel>
  );
}

interface SessionLineProps {
  session: RouterOutputs["access"]["sessions"][number];
  isBusy: boolean;
  onEnd: () => void;
}

function SessionLine({ session, isBusy, onEnd }: SessionLineProps) {
  const { t } = useWords();
  const agent = agentName(session.userAgent) ?? t("settings.session.unknown-agent");
  return (
    <li className="flex min-h-12 items-center gap-4 border-line border-b px-4 py-2 text-table last:border-b-0">
      <div className="grid min-w-0 flex-1 leading-tight">
        <span className="font-medium">
          {agent}
          {session.isThis ? (
            <span className="ml-2 rounded-ui bg-accent-soft px-1.5 py-0.5 font-medium text-accent text-meta">
              {t("settings.session.this")}
            </span>
          ) : null}
        </span>
        <span className="text-ink-3 text-meta">
          <span className="font-mono">{session.ipAddress}</span> · {t("settings.session.last-used")}{" "}
          <Ago at={session.lastUsedAt} />
        </span>
      </div>
      {session.isThis ? null : (
        <Button
          size="small"
          isBusy={isBusy}
          onClick={onEnd}
          aria-label={t("settings.session.end-named", { agent })}
        >
          {t("settings.session.end")}
        </Button>
      )}
    </li>
  );
}

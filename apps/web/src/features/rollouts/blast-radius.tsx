"use client";
import { SearchX } from "lucide-react";
import type { ReactNode } from "react";
import type { RouterOutputs } from "../../client/router-types.ts";
import { EmptyState } from "../../components/empty-state.tsx";
import { LevelSentence } from "../../components/level.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { ItemVersion } from "./item-version.tsx";
import { useWaveName } from "./use-wave-name.ts";

export type Preview = RouterOutputs["rollouts"]["preview"];

export function serversOf({ waves }: Preview): number {
  return waves.reduce((sum, { servers }) => sum + servers, 0);
}

/** What a rollout would touch: servers, customers, waves, versions, what cannot be taken back, and who is left out. */
export function BlastRadius({ preview }: { preview: Preview }) {
  const { t, format } = useWords();
  const waveName = useWaveName();
  const servers = serversOf(preview);
  const more = (names: readonly string[], count: number) =>
    [
      ...names,
      ...(count > names.length ? [t("rollout.new.names-more", { count: count - names.length })] : []),
    ].join(", ");
  if (servers === 0 && preview.leftOut.length === 0)
    return (
      <EmptyState icon={SearchX} title={t("rollout.new.nobody-title")}>
        {t("rollout.new.nobody")}
      </EmptyState>
    );
  return (
    <div className="grid gap-5 px-4 py-4">
      <p className="flex flex-wrap gap-x-6 gap-y-1">
        <Figure words={t("rollout.servers", { count: servers })} />
        <Figure words={t("rollout.customers", { count: preview.tenants })} />
      </p>
      <ol className="grid gap-2 text-table">
        {preview.waves.map((wave, number) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a wave is its number
          <li key={number} className="grid grid-cols-[5.5rem_minmax(0,1fr)] gap-x-3">
            <span className="font-medium">{waveName(number)}</span>
            <span className="min-w-0 [overflow-wrap:anywhere]">
              <span className="figures">
                {wave.servers === 0 ? t("rollout.wave.empty") : t("rollout.servers", { count: wave.servers })}
                {wave.online < wave.servers
                  ? `, ${t("rollout.new.offline", { count: wave.servers - wave.online })}`
                  : null}
              </span>
              <span className="block text-ink-3 text-meta">{more(wave.names, wave.servers)}</span>
            </span>
          </li>
        ))}
      </ol>
      {preview.configurations.length === 0 ? null : (
        <Part title={t("rollout.new.configurations")}>
          <ul className="grid gap-0.5 text-table">
            {preview.configurations.map(({ because, servers: count }) => (
              <li key={because} className="flex flex-wrap gap-x-2">
                <span>{t(`rollout.new.configurations.${because}`)}</span>
                <span className="figures ml-auto text-ink-3 text-meta leading-5">
                  {t("rollout.servers", { count })}
                </span>
              </li>
            ))}
          </ul>
        </Part>
      )}
      {preview.agents.length === 0 ? null : (
        <Part title={t("rollout.new.agents")}>
          <ul className="grid gap-0.5 text-table">
            {preview.agents.map(({ version, servers: count }) => (
              <li key={version} className="flex flex-wrap gap-x-2 [overflow-wrap:anywhere]">
                <span>{t("rollout.new.agents-one", { version })}</span>
                <span className="figures ml-auto text-ink-3 text-meta leading-5">
                  {t("rollout.servers", { count })}
                </span>
              </li>
            ))}
          </ul>
        </Part>
      )}
      {preview.packages.length === 0 ? null : (
        <Part title={t("rollout.new.versions")}>
          <ul className="grid max-h-48 gap-0.5 overflow-y-auto text-table">
            {preview.packages.map(({ name, version, servers: count }) => (
              <li key={`${name} ${version}`} className="flex flex-wrap gap-x-2 [overflow-wrap:anywhere]">
                <ItemVersion name={name} version={version} />
                <span className="figures ml-auto text-ink-3 text-meta leading-5">
                  {t("rollout.servers", { count })}
                </span>
              </li>
            ))}
          </ul>
          {preview.packagesInAll > preview.packages.length ? (
            <p className="text-ink-3 text-meta">
              {t("rollout.packages-more", { count: preview.packagesInAll - preview.packages.length })}
            </p>
          ) : null}
        </Part>
      )}
      {preview.packages.length === 0 ? null : (
        <Part title={t("rollout.new.one-way")}>
          {preview.withoutWayBack.length === 0 ? (
            <p className="text-table">
              <LevelSentence level="good">{t("rollout.new.one-way-none")}</LevelSentence>
            </p>
          ) : (
            <ul className="grid gap-1.5 text-table">
              {preview.withoutWayBack.map(({ name, from, version, reason, servers: count }) => (
                <li key={`${name} ${from} ${version}`}>
                  <LevelSentence level="attention">
                    <ItemVersion name={name} version={version} /> ({t("rollout.servers", { count })}
                    ): {reason}
                  </LevelSentence>
                </li>
              ))}
            </ul>
          )}
          <p className="mt-1.5 text-meta text-ink-3">{t("rollout.new.rebuilt")}</p>
        </Part>
      )}
      {preview.keptApart.length === 0 ? null : (
        <Part title={t("rollout.new.kept-apart")}>
          <ul className="grid max-h-48 gap-1.5 overflow-y-auto text-table">
            {preview.keptApart.map(({ groupName, domains, names, servers: count }) => (
              <li key={`${groupName} ${names.join()}`} className="[overflow-wrap:anywhere]">
                {more(names, count)}
                <span className="block text-ink-3 text-meta">
                  {[groupName, domains === 0 ? null : t("rollout.new.kept-apart-domains", { count: domains })]
                    .filter((one) => one !== null)
                    .join(", ")}
                </span>
              </li>
            ))}
          </ul>
          {preview.keptApartInAll > preview.keptApart.length ? (
            <p className="text-ink-3 text-meta">
              {t("rollout.new.kept-apart-more", {
                count: preview.keptApartInAll - preview.keptApart.length,
              })}
            </p>
          ) : null}
        </Part>
      )}
      {preview.leftOut.length === 0 ? null : (
        <Part title={t("rollout.new.left-out")}>
          <ul className="grid gap-1.5 text-table">
            {preview.leftOut.map(({ because, names, servers: count }) => (
              <li key={because} className="[overflow-wrap:anywhere]">
                <span className="figures font-medium">{format.number(count)}</span> {because}
                <span className="block text-ink-3 text-meta">{more(names, count)}</span>
              </li>
            ))}
          </ul>
        </Part>
      )}
    </div>
  );
}

function Figure({ words }: { words: string }) {
  return <span className="figures font-semibold text-heading">{words}</span>;
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className="grid gap-1.5">
      <h3 className="font-medium text-ink-3 text-meta">{title}</h3>
      {children}
    </section>
  );
}

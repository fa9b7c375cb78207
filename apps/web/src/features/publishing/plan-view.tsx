"use client";
import {
  type RecordConflict,
  type RecordSet,
  type RecordValue,
  recordData,
  type SetChange,
  valueKey,
} from "@mailstead/core/publishing";
import { Minus, Plus } from "lucide-react";
import type { ReactNode } from "react";
import type { RouterOutputs } from "../../client/router-types.ts";
import { Checkbox } from "../../components/checkbox.tsx";
import { classNames } from "../../components/class-names.ts";
import { CopyButton } from "../../components/copy-button.tsx";
import { useWords } from "../../components/words-provider.tsx";

type Plan = NonNullable<NonNullable<RouterOutputs["publishing"]["latest"]>["plan"]>;

export interface PlanViewProps {
  plan: Plan;
  isAllowed: (value: RecordValue) => boolean;
  onToggle: (value: RecordValue) => void;
}

/** Every value that would come, go or stay, what is in the way, and what nobody but a person can publish. */
export function PlanView({ plan, isAllowed, onToggle }: PlanViewProps) {
  const { t } = useWords();
  const { zones, conflicts, byHand, inPlace, standing } = plan;
  return (
    <div className="grid gap-4 text-table">
      {zones.length === 0 && conflicts.length === 0 && byHand.length === 0 ? (
        <p>{t("publish.nothing")}</p>
      ) : null}
      {zones.map(({ name, label, changes }) => (
        <Block
          key={name}
          title={
            label === null
              ? t("publish.hosted-zone", { zone: name })
              : t("publish.through", { zone: name, label })
          }
        >
          {changes.map((change) => (
            <ChangedSet key={`${change.name} ${change.type}`} change={change} />
          ))}
        </Block>
      ))}
      {conflicts.length === 0 ? null : (
        <Block title={t("publish.in-the-way")} lead={t("publish.in-the-way.lead")}>
          {conflicts.map((conflict) => (
            <Conflict
              key={valueKey(conflict)}
              conflict={conflict}
              isAllowed={isAllowed(conflict)}
              {...(conflict.isReserved === true ? {} : { onToggle: () => onToggle(conflict) })}
            />
          ))}
        </Block>
      )}
      {byHand.length === 0 ? null : (
        <Block title={t("publish.by-hand")} lead={t("publish.by-hand.lead")}>
          {byHand.map((value) => (
            <li key={valueKey(value)} className="grid gap-1 px-3 py-2">
              <Owner name={value.name} type={value.type} />
              <span className="flex items-start gap-2">
                <code className="min-w-0 flex-1 [overflow-wrap:anywhere]">{value.value}</code>
                <CopyButton text={value.value} what={t("domain.record.the-value")} />
              </span>
            </li>
          ))}
        </Block>
      )}
      <div className="flex flex-wrap items-center justify-between gap-2 text-ink-3">
        <p>{inPlace === 0 ? null : t("publish.in-place", { count: inPlace })}</p>
        {standing.length === 0 ? null : (
          <CopyButton
            text={zoneTextOf(standing)}
            what={t("publish.standing")}
            hasWord
            word={t("publish.copy-standing")}
          />
        )}
      </div>
    </div>
  );
}

function zoneTextOf(standing: readonly RecordSet[]): string {
  return standing
    .flatMap(({ name, type, ttlSeconds, values }) =>
      values.map((value) => `${name}. ${ttlSeconds} IN ${type} ${recordData(type, value)}\n`),
    )
    .join("");
}

export function Block({ title, lead, children }: { title: string; lead?: string; children: ReactNode }) {
  return (
    <section className="grid gap-1.5">
      <h3 className="font-medium [overflow-wrap:anywhere]">{title}</h3>
      {lead === undefined ? null : <p className="text-ink-3 text-meta">{lead}</p>}
      <ul className="divide-y divide-line rounded-ui border border-line">{children}</ul>
    </section>
  );
}

export function ChangedSet({ change }: { change: SetChange }) {
  const { name, type, before, added, removed } = change;
  const kept = before.filter((value) => !removed.includes(value));
  return (
    <li className="grid gap-1 px-3 py-2">
      <Owner name={name} type={type} />
      <ul className="grid gap-0.5">
        {kept.map((value) => (
          <ValueLine key={value} kind="kept" value={value} />
        ))}
        {removed.map((value) => (
          <ValueLine key={value} kind="removed" value={value} />
        ))}
        {added.map((value) => (
          <ValueLine key={value} kind="added" value={value} />
        ))}
      </ul>
    </li>
  );
}

function ValueLine({ kind, value }: { kind: "added" | "removed" | "kept"; value: string }) {
  const { t } = useWords();
  return (
    <li
      className={classNames(
        "grid grid-cols-[1rem_minmax(0,1fr)] items-start gap-1.5 rounded-ui px-1.5 py-0.5",
        kind === "added" && "bg-good-soft",
        kind === "removed" && "bg-trouble-soft",
        kind === "kept" && "text-ink-3",
      )}
    >
      <span className="pt-1">
        {kind === "added" ? <Plus aria-hidden="true" className="size-3" /> : null}
        {kind === "removed" ? <Minus aria-hidden="true" className="size-3" /> : null}
      </span>
      <span className="[overflow-wrap:anywhere]">
        <span className="sr-only">{t(`publish.${kind}`)}: </span>
        <code>{value}</code>
      </span>
    </li>
  );
}

export interface ConflictProps {
  conflict: RecordConflict;
  isAllowed?: boolean;
  /** Left out where nothing can be replaced. */
  onToggle?: () => void;
}

export function Conflict({ conflict, isAllowed = false, onToggle }: ConflictProps) {
  const { t } = useWords();
  const { name, type, value, blocked, sentence } = conflict;
  return (
    <li className="grid gap-1.5 px-3 py-2">
      <Owner name={name} type={type} />
      <p className="[overflow-wrap:anywhere]">{sentence}</p>
      <code className={classNames("[overflow-wrap:anywhere]", isAllowed && "line-through")}>{value}</code>
      {blocked.length === 0 ? null : (
        <p className="text-ink-2 text-meta [overflow-wrap:anywhere]">
          {t("publish.waits")}{" "}
          {blocked.map((wanted) => `${wanted.name} ${wanted.type} ${wanted.value}`).join("; ")}
        </p>
      )}
      {onToggle === undefined ? null : (
        <span className="flex items-center gap-2">
          <Checkbox
            label={t("publish.replace-named", { record: `${type} ${name} ${value}` })}
            isChecked={isAllowed}
            onChange={onToggle}
          />
          <span aria-hidden="true">{t("publish.replace")}</span>
        </span>
      )}
    </li>
  );
}

function Owner({ name, type }: { name: string; type: string }) {
  return (
    <p className="flex items-baseline gap-2 text-ink-2 text-meta">
      <span className="rounded-[0.25rem] border border-line bg-sunken px-1.5 font-mono font-semibold text-ink">
        {type}
      </span>
      <span className="font-mono [overflow-wrap:anywhere]">{name}</span>
    </p>
  );
}

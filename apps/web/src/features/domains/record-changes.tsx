"use client";
import type { RouterOutputs } from "../../client/router-types.ts";
import { useWords } from "../../components/words-provider.tsx";
import { ValueList } from "../withdrawals/value-list.tsx";

type Removal = RouterOutputs["domains"]["serverRemoval"];
type Values = Removal["keys"];

export interface RecordChangesProps {
  now: Removal["atOnce"];
  later?: Removal["later"];
  keys: Values;
  custody: Removal["custody"];
  /** The server remains, with what stands under its own name. */
  keepsOwnName?: boolean;
}

/** What a change does to a domain's records and when, and who brings it into the zone. */
export function RecordChanges({ now, later, keys, custody, keepsOwnName = false }: RecordChangesProps) {
  const { t } = useWords();
  const lists = [
    { key: "going-now", values: now.going },
    { key: "coming-now", values: now.coming },
    { key: "going-later", values: later?.going ?? [] },
    { key: "coming-later", values: later?.coming ?? [] },
    { key: "keys", values: keys },
  ] as const;
  const isNothing = lists.every(({ values }) => values.length === 0);
  return (
    <div className="grid gap-1.5 rounded-ui border border-line px-3 py-2 text-table">
      <p className="font-medium text-ink">{t("record-change.title")}</p>
      {isNothing ? <p>{t("record-change.none")}</p> : null}
      {lists.map(({ key, values }) => (
        <ValueList
          key={key}
          label={t(`record-change.${key}`, { count: values.length })}
          values={values}
          isOpenAtFirst={values.length <= 3 && key !== "keys"}
        />
      ))}
      {isNothing ? null : <p>{t(`record-change.${custody}`)}</p>}
      {keepsOwnName ? <p className="text-ink-3 text-meta">{t("record-change.own-name")}</p> : null}
    </div>
  );
}

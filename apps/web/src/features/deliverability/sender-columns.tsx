import { knownServices } from "@mailstead/core/reports";
import { useMemo } from "react";
import type { RouterOutputs } from "../../client/router-types.ts";
import { Breakable } from "../../components/breakable.tsx";
import type { Column } from "../../components/data-table.tsx";
import { type Level, LevelSentence } from "../../components/level.tsx";
import { Ago } from "../../components/time.tsx";
import { useWords } from "../../components/words-provider.tsx";

export type Sender = RouterOutputs["deliverability"]["senders"]["rows"][number];

const levels: Record<Sender["advice"], Level> = {
  passes: "trouble",
  "let-in": "trouble",
  ours: "trouble",
  service: "attention",
  "own-name": "attention",
  forged: "good",
  fine: "good",
};

/** The columns of the list of senders. */
export function useSenderColumns(): readonly Column<Sender>[] {
  const { t, format } = useWords();
  return useMemo(() => {
    const figures = (value: number) => <span className="figures">{format.number(value)}</span>;
    return [
      { id: "sender", header: t("senders.column.sender"), cell: (row) => <SenderName sender={row} /> },
      {
        id: "claims",
        header: t("senders.column.claims"),
        from: "md",
        cell: ({ domains, domainCount }) =>
          domainCount === 1 ? (
            <span className="[overflow-wrap:anywhere]">
              <Breakable name={domains[0]?.name ?? ""} />
            </span>
          ) : (
            t("senders.domains", { count: domainCount })
          ),
      },
      {
        id: "advice",
        header: t("senders.column.advice"),
        from: "sm",
        cell: (row) => <Advice sender={row} />,
      },
      {
        id: "messages",
        header: t("senders.column.messages"),
        align: "right",
        from: "lg",
        cell: (row) => figures(row.messages),
      },
      {
        id: "failed",
        header: t("senders.column.failed"),
        align: "right",
        cell: (row) => figures(row.messages - row.passed),
      },
      {
        id: "let-in",
        header: t("senders.column.let-in"),
        align: "right",
        from: "md",
        cell: (row) => figures(row.letIn),
      },
      {
        id: "last",
        header: t("senders.column.last"),
        align: "right",
        from: "xl",
        cell: (row) => (
          <span className="text-ink-2">
            <Ago at={row.lastAt} />
          </span>
        ),
      },
    ];
  }, [t, format]);
}

function Advice({ sender }: { sender: Sender }) {
  const { t } = useWords();
  return <LevelSentence level={levels[sender.advice]}>{t(`senders.advice.${sender.advice}`)}</LevelSentence>;
}

/** The network or the service, and under which names its mail came. */
function SenderName({ sender }: { sender: Sender }) {
  const { t } = useWords();
  const { origin, network, addresses, addressCount, seenDomains } = sender;
  const [only] = addresses;
  const place =
    addressCount === 1 && only !== undefined
      ? only
      : (network ??
        (addressCount === 0 ? t("senders.no-address") : t("senders.addresses", { count: addressCount })));
  const title =
    origin.kind === "service"
      ? knownServices[origin.service].title
      : origin.kind === "ours"
        ? (origin.name ?? t("senders.ours-passed-on"))
        : null;
  return (
    <span className="grid min-w-0 gap-0.5 leading-tight">
      {title === null ? null : <span className="font-medium">{title}</span>}
      <span className={title === null ? "font-mono" : "font-mono text-ink-3 text-meta"}>
        <Breakable name={place} />
      </span>
      {seenDomains.length === 0 || origin.kind !== "unknown" ? null : (
        <span className="text-ink-3 text-meta [overflow-wrap:anywhere]">
          {t("senders.seen-as", { names: seenDomains.slice(0, 2).join(", ") })}
        </span>
      )}
      <span className="text-meta sm:hidden">
        <Advice sender={sender} />
      </span>
    </span>
  );
}

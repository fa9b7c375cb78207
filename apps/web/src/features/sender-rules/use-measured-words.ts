import { useWords } from "../../components/words-provider.tsx";
import type { JudgedProvider, JudgedRule } from "./sender-rules-panel.tsx";

/** Says what a rule was judged by, short enough for a cell. */
export function useMeasuredWords(): (judged: JudgedRule, provider: JudgedProvider["provider"]) => string {
  const { t, format } = useWords();
  // Two decimals, because a complaint in a thousand messages is a measure here.
  const percentOf = (share: number) => format.number(Math.round(share * 10_000) / 100);
  return ({ measured }, provider) => {
    switch (measured.kind) {
      case "record":
        return t(`sender-rules.measured.record.${measured.isRight ? "right" : "wrong"}`);
      case "share": {
        const { count, of } = measured;
        return t("sender-rules.measured.share", { count, of, percent: percentOf(count / of) });
      }
      case "told": {
        const [from, until] = [measured.lower, measured.upper].map(percentOf);
        return from === until
          ? t("sender-rules.measured.told-exactly", { percent: from ?? "", count: measured.days })
          : t("sender-rules.measured.told", { from: from ?? "", until: until ?? "", count: measured.days });
      }
      case "key-bits":
        return t("sender-rules.measured.key-bits", { bits: format.number(measured.bits) });
      case "hosts-right":
        return t("sender-rules.measured.hosts-right");
      case "own-from":
        return t("sender-rules.measured.own-from");
      case "host-problem":
        return t("sender-rules.measured.host-problem");
      case "unmeasured":
        if (measured.why !== "no-feed") return t(`sender-rules.measured.${measured.why}`);
        return t(
          provider === "yahoo"
            ? "sender-rules.measured.no-feed.yahoo"
            : "sender-rules.measured.no-feed.gmail",
        );
    }
  };
}

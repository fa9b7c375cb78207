import { type ProviderId, providers, type ReplyCategory, replyCategories } from "@mailstead/core/delivery";
import type { StoryLine, StoryReceiver, TraceOutcome } from "@mailstead/core/trace";
import type { Level } from "../../components/level.tsx";
import type { Formats } from "../../messages/format.ts";
import type { Translate } from "../../messages/translate.ts";

/** One line of a story as a person reads it. */
export interface ToldLine {
  readonly sentence: string;
  readonly level: Level;
  /** What the other side said, word for word. */
  readonly reply: string | null;
  /** What that means, and what helps. */
  readonly reason: { readonly title: string; readonly fix: string } | null;
  /** Where the story goes on. */
  readonly queueId: string | null;
}

export const outcomeLevels: Record<TraceOutcome, Level> = {
  delivered: "good",
  "handed-on": "unknown",
  partly: "attention",
  waits: "attention",
  held: "attention",
  bounced: "trouble",
  refused: "trouble",
  deleted: "unknown",
  unknown: "unknown",
};

const judgedLevels: Record<Line<"judged">["action"], Level> = {
  accepted: "good",
  marked: "attention",
  greylisted: "attention",
  deferred: "attention",
  rejected: "trouble",
  discarded: "trouble",
};

// Below it, a delay is what a delivery takes.
const noticedDelayS = 60;

/** Says a line of a story in plain words. */
export function storyWords(
  t: Translate,
  format: Pick<Formats, "clock" | "duration" | "number">,
  line: StoryLine,
): ToldLine {
  const plain = (sentence: string, level: Level = "unknown"): ToldLine => ({
    sentence,
    level,
    reply: null,
    reason: null,
    queueId: null,
  });
  switch (line.kind) {
    case "accepted":
      return plain(acceptedWords(t, line), "good");
    case "forwarded":
      return plain(t("trace.line.forwarded", { original: line.originalFrom }));
    case "expanded":
      return plain(t("trace.line.expanded", { alias: line.alias, to: line.to.join(", ") }));
    case "delivered": {
      const after =
        line.delayS < noticedDelayS
          ? ""
          : t("trace.line.after", { time: format.duration(Math.round(line.delayS) * 1000) });
      const { to } = line;
      const sentence = line.receiver.isHere
        ? t("trace.line.delivered-here", { to, after })
        : t("trace.line.delivered", {
            to,
            after,
            receiver: receiverName(t, line.receiver),
            tls: tlsWords(t, line.tlsVersion),
          });
      return { ...plain(sentence, "good"), reply: line.receiver.isHere ? null : line.reply };
    }
    case "handed-on":
      return {
        ...plain(t("trace.line.handed-on", { queueId: line.queueId })),
        queueId: line.queueId,
      };
    case "put-off": {
      const values = {
        to: line.to,
        receiver: receiverName(t, line.receiver),
        count: line.times,
        until: format.clock(new Date(line.untilAt)),
      };
      const isUnreached = line.category === "connection" || line.category === "dns-failure";
      const sentence = t(isUnreached ? "trace.line.put-off-unreached" : "trace.line.put-off", values);
      return { ...plain(sentence, "attention"), reply: line.reply, reason: reasonWords(t, line.category) };
    }
    case "bounced": {
      const sentence = t("trace.line.bounced", { to: line.to, receiver: receiverName(t, line.receiver) });
      return { ...plain(sentence, "trouble"), reply: line.reply, reason: reasonWords(t, line.category) };
    }
    case "refused":
      return {
        ...plain(refusedWords(t, line), line.isTemporary ? "attention" : "trouble"),
        reply: line.reason,
      };
    case "held":
      return plain(t("trace.line.held"), "attention");
    case "released":
      return plain(t("trace.line.released"));
    case "requeued":
      return plain(t("trace.line.requeued"));
    case "deleted":
      return plain(t("trace.line.deleted"), "attention");
    case "expired":
      return plain(t("trace.line.expired"), "trouble");
    case "judged":
      return plain(
        t(`trace.line.judged-${line.action}`, { score: scoreWords(format, line.score) }),
        judgedLevels[line.action],
      );
    case "notified":
      return { ...plain(notifiedWords(t, line)), queueId: line.queueId };
    case "waits":
      return plain(waitsWords(t, line), "attention");
  }
}

type Line<Kind extends StoryLine["kind"]> = Extract<StoryLine, { kind: Kind }>;

function acceptedWords(t: Translate, line: Line<"accepted">): string {
  const from = line.from === null || line.from === "" ? t("trace.nobody") : line.from;
  const tls = tlsWords(t, line.tlsVersion);
  if (line.isLocal) return t("trace.line.accepted-local", { from });
  if (line.client === null && line.from === null) return t("trace.line.accepted-queued");
  if (line.client === null)
    return line.from === "" ? t("trace.line.accepted-made") : t("trace.line.accepted-unknown", { from });
  const client = clientName(line.client);
  return line.saslUsername === null
    ? t("trace.line.accepted-host", { client, tls, from })
    : t("trace.line.accepted-login", { login: line.saslUsername, client, tls });
}

function refusedWords(t: Translate, line: Line<"refused">): string {
  const values = {
    client: line.client === null ? t("trace.receiver.unknown") : clientName(line.client),
    from: line.from === null || line.from === "" ? t("trace.nobody") : line.from,
    to: line.to ?? t("trace.nobody"),
  };
  if (line.isDiscarded) return t("trace.line.discarded", values);
  if (line.isByFilter)
    return t(line.isTemporary ? "trace.line.greylisted" : "trace.line.refused-filter", values);
  return t(line.isTemporary ? "trace.line.refused-later" : "trace.line.refused", values);
}

function notifiedWords(t: Translate, { to, about }: Line<"notified">): string {
  if (to === "postmaster") return t("trace.line.notified-postmaster");
  switch (about) {
    case "non-delivery":
      return t("trace.line.notified-sender");
    case "delay":
      return t("trace.line.notified-delay");
    case "success":
      return t("trace.line.notified-success");
    case "delivery status":
      return t("trace.line.notified-status");
  }
}

/** A score to the tenth, and never as less than nothing by less than that. */
function scoreWords(format: Pick<Formats, "number">, score: number): string {
  return format.number(Math.round(score * 10) / 10 + 0);
}

function waitsWords(t: Translate, { isHeld, to }: Line<"waits">): string {
  if (isHeld) return t("trace.line.waits-held");
  return to.length === 0 ? t("trace.line.waits") : t("trace.line.waits-for", { to: to.join(", ") });
}

function tlsWords(t: Translate, version: string | null): string {
  return version === null ? "" : t("trace.line.tls", { version: version.replace(/^TLSv/, "TLS ") });
}

function clientName({ name, address }: { name: string; address: string | null }): string {
  return name === "unknown" && address !== null ? address : name;
}

function receiverName(t: Translate, { provider, hostName, isHere }: StoryReceiver): string {
  if (isHere) return t("trace.receiver.here");
  if (provider !== null && Object.hasOwn(providers, provider)) return providers[provider as ProviderId].title;
  return hostName ?? t("trace.receiver.unknown");
}

/** The kind of a reply in words; null where nothing is known of it. */
export function reasonWords(t: Translate, category: string | null): ToldLine["reason"] {
  if (category === null || category === "unclassified" || !Object.hasOwn(replyCategories, category))
    return null;
  const known = category as ReplyCategory;
  return { title: t(`reply.${known}`), fix: t(`reply.${known}.fix`) };
}

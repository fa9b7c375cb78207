import { queueIdPattern } from "./queue-id.ts";

/** What becomes of a message in the queue: named by cleanup, taken up by the queue manager, ended, held. */
export type QueueLine =
  | {
      readonly kind: "message-id";
      readonly queueId: string;
      readonly messageId: string;
      readonly isResent: boolean;
    }
  | {
      readonly kind: "queued";
      readonly queueId: string;
      readonly from: string;
      readonly sizeBytes: number;
      readonly recipientCount: number;
    }
  | { readonly kind: "expired"; readonly queueId: string; readonly from: string }
  | { readonly kind: "removed"; readonly queueId: string }
  | { readonly kind: "skipped"; readonly queueId: string; readonly why: string }
  | {
      readonly kind: "notification";
      readonly queueId: string;
      readonly notificationQueueId: string;
      readonly to: "sender" | "postmaster";
      readonly about: "non-delivery" | "delay" | "success" | "delivery status";
    }
  | { readonly kind: "queue-action"; readonly queueId: string; readonly action: QueueAction }
  | { readonly kind: "queue-action-sum"; readonly action: string; readonly count: number }
  | { readonly kind: "picked-up"; readonly queueId: string; readonly uid: number; readonly from: string };

/** What a person did with a message by postsuper(1). */
export type QueueAction =
  | "removed"
  | "requeued"
  | "placed on hold"
  | "released from hold"
  | "expired"
  | "expired and released from hold";

const id = queueIdPattern;
const messageId = new RegExp(`^${id}: (resent-)?message-id=(<[^>]*>|.*)$`, "s");
const queued = new RegExp(
  `^${id}: from=(<.*>|\\S*?), size=(\\d{1,15}), nrcpt=(\\d{1,9})(?: \\(queue \\w+\\))?$`,
  "s",
);
const expired = new RegExp(
  `^${id}: from=(<[^>]*>|\\S+?), status=(?:force-)?expired, returned to sender$`,
  "s",
);
const removed = new RegExp(`^${id}: removed$`);
const skipped = new RegExp(`^${id}: (skipped, .*)$`);
const notification = new RegExp(
  `^${id}: (sender|postmaster) (non-delivery|delay|success|delivery status) notification: ${id}$`,
);
const action = new RegExp(
  `^${id}: (removed|requeued|placed on hold|released from hold|expired|expired and released from hold)$`,
);
const sum = /^(Deleted|Requeued|Placed on hold|Released from hold|Expired): (\d+) messages?$/;
const pickedUp = new RegExp(`^${id}: uid=(\\d+) from=(<[^>]*>|\\S*)`, "s");

/** Reads what cleanup, qmgr, bounce, pickup and postsuper log; null for any other line. */
export function parseQueueLine(daemon: string, message: string): QueueLine | null {
  switch (daemon) {
    case "cleanup":
      return read(messageId, message, ([queueId, resent, value]) => ({
        kind: "message-id",
        queueId,
        messageId: bare(value),
        isResent: resent !== "",
      }));
    case "qmgr":
    case "nqmgr":
      return (
        read(removed, message, ([queueId]) => ({ kind: "removed", queueId })) ??
        read(queued, message, ([queueId, from, size, recipients]) => ({
          kind: "queued",
          queueId,
          from: bare(from),
          sizeBytes: Number(size),
          recipientCount: Number(recipients),
        })) ??
        read(expired, message, ([queueId, from]) => ({ kind: "expired", queueId, from: bare(from) })) ??
        read(skipped, message, ([queueId, why]) => ({ kind: "skipped", queueId, why }))
      );
    case "bounce":
      return read(notification, message, ([queueId, to, about, notificationQueueId]) => ({
        kind: "notification",
        queueId,
        notificationQueueId,
        to: to as "sender",
        about: about as "delay",
      }));
    case "postsuper":
      return (
        read(action, message, ([queueId, name]) => ({
          kind: "queue-action",
          queueId,
          action: name as QueueAction,
        })) ??
        read(sum, message, ([name, count]) => ({
          kind: "queue-action-sum",
          action: name,
          count: Number(count),
        }))
      );
    case "pickup":
      return read(pickedUp, message, ([queueId, uid, from]) => ({
        kind: "picked-up",
        queueId,
        uid: Number(uid),
        from: bare(from),
      }));
    default:
      return null;
  }
}

type Groups = readonly [string, string, string, string];

function read<T>(pattern: RegExp, message: string, build: (groups: Groups) => T): T | null {
  const found = pattern.exec(message);
  if (found === null) return null;
  const [, a = "", b = "", c = "", d = ""] = found;
  return build([a, b, c, d]);
}

const bare = (text: string): string =>
  text.startsWith("<") && text.endsWith(">") ? text.slice(1, -1) : text;

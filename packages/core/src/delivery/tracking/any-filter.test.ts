import fc from "fast-check";
import { expect, test } from "vitest";
import { createDeliveryTracker } from "./delivery-tracker.ts";
import { laterMs, records, start } from "./filtered-mail.testing.ts";

/** How a host has its mail filtered, and who keeps it. */
interface Filtering {
  readonly by: "nobody" | "program" | "program to a port" | "port" | "port that says from where" | "socket";
  readonly keeper: "lmtp" | "pipe";
}

interface Letter {
  readonly isNameless: boolean;
  readonly isSignedIn: boolean;
  readonly goesOut: boolean;
  readonly recipients: number;
}

/** Lines of one letter, each with the places of those that are logged before it. */
interface Story {
  readonly lines: { readonly text: string; readonly after: readonly number[] }[];
  /** Under which queue id, to whom and which way it counts. */
  readonly counts: readonly string[];
}

function storyOf(letter: Letter, { by, keeper }: Filtering, number: number): Story {
  const { isNameless, isSignedIn } = letter;
  const goesOut = isSignedIn && letter.goesOut;
  const first = `4A1B2C3D${number}0`;
  const second = by === "nobody" ? first : `5F6A7B8C${number}0`;
  const from = isSignedIn ? "me@a.example" : `s${number}@c.example`;
  const to = Array.from({ length: letter.recipients }, (_, at) => `u${number}${at}@a.example`);
  const lines: Story["lines"] = [];
  const log = (text: string, after: readonly number[]) => lines.push({ text, after }) - 1;
  const queue = (id: string, door: string, { name, after }: { name: string; after: number[] }) => {
    const met = log(door, after);
    const named = log(`postfix/cleanup[2]: ${id}: message-id=<${name}>`, [met]);
    return log(`postfix/qmgr[4]: ${id}: from=<${from}>, size=700, nrcpt=${to.length} (queue active)`, [
      named,
    ]);
  };
  const give = (id: string, daemon: string, { relay, says, after }: Giving) => {
    const given = to.map((one) =>
      log(
        `postfix/${daemon}[5]: ${id}: to=<${one}>, relay=${relay}, delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (${says})`,
        after,
      ),
    );
    log(`postfix/qmgr[4]: ${id}: removed`, given);
  };
  const client = `client=mx[203.0.113.${number + 1}]${isSignedIn ? `, sasl_method=PLAIN, sasl_username=${from}` : ""}`;
  const name = isNameless ? "" : `${number}@c.example`;
  const queued = queue(first, `postfix/smtpd[1]: ${first}: ${client}`, { name, after: [] });
  let ready = queued;
  if (by !== "nobody") {
    const back = isNameless ? `2026.${second}@mail.a.example` : name;
    const origin = by === "port that says from where" ? `, orig_queue_id=${first}` : "";
    const door =
      by === "program"
        ? `postfix/pickup[3]: ${second}: uid=112 from=<${from}>`
        : `postfix/smtpd[1]: ${second}: client=localhost[127.0.0.1]${origin}`;
    const met = lines.length;
    ready = queue(second, door, { name: back, after: [queued] });
    const says = `250 2.0.0 from MTA(smtp:[127.0.0.1]:10025): 250 2.0.0 Ok: queued as ${second}`;
    // Who hands mail back over a port is answered before it answers; what sendmail(1) takes is met a little later.
    if (by === "program") give(first, "pipe", { relay: "spamfilter", says: "delivered", after: [queued] });
    else if (by === "program to a port")
      give(first, "pipe", { relay: "spamfilter", says: "delivered", after: [queued, met] });
    else if (by === "socket")
      give(first, "lmtp", { relay: "mail[/run/amavis.sock]", says, after: [queued, met] });
    else give(first, "smtp", { relay: "127.0.0.1[127.0.0.1]:10024", says, after: [queued, met] });
  }
  if (goesOut)
    give(second, "smtp", { relay: "mx.b.example[192.0.2.9]:25", says: "250 2.0.0 Ok", after: [ready] });
  else if (keeper === "pipe")
    give(second, "pipe", { relay: "dovecot", says: "delivered via dovecot service", after: [ready] });
  else give(second, "lmtp", { relay: "mail[private/dovecot-lmtp]", says: "250 2.0.0 Saved", after: [ready] });
  const way = goesOut ? "outbound" : isSignedIn ? "internal" : "inbound";
  return { lines, counts: to.map((one) => `${second} ${one} ${way}`) };
}

interface Giving {
  readonly relay: string;
  readonly says: string;
  readonly after: readonly number[];
}

/** The lines of all stories in one of the orders in which a host may log them. */
function mixed(stories: readonly Story[], choose: () => number): string[] {
  const told = stories.map(() => new Set<number>());
  const log: string[] = [];
  for (;;) {
    const open = stories.flatMap(({ lines }, story) =>
      lines.flatMap(({ text, after }, at) => {
        const isOpen = !told[story]?.has(at) && after.every((one) => told[story]?.has(one));
        return isOpen ? [{ story, at, text }] : [];
      }),
    );
    const next = open[choose() % Math.max(open.length, 1)];
    if (next === undefined) return log;
    told[next.story]?.add(next.at);
    log.push(next.text);
  }
}

test("whatever filter a host has, and in whatever order it logs, each delivery counts once and the way it goes", () => {
  const filtering = fc.record<Filtering>({
    by: fc.constantFrom(
      "nobody",
      "program",
      "program to a port",
      "port",
      "port that says from where",
      "socket",
    ),
    keeper: fc.constantFrom("lmtp", "pipe"),
  });
  const letter = fc.record<Letter>({
    isNameless: fc.boolean(),
    isSignedIn: fc.boolean(),
    goesOut: fc.boolean(),
    recipients: fc.integer({ min: 1, max: 3 }),
  });
  fc.assert(
    fc.property(
      filtering,
      fc.array(letter, { minLength: 1, maxLength: 4 }),
      fc.infiniteStream(fc.nat({ max: 1000 })),
      fc.nat({ max: 60 }),
      (host, letters, choices, cut) => {
        const stories = letters.map((one, number) => storyOf(one, host, number));
        const lines = records(mixed(stories, () => choices.next().value ?? 0));
        const first = createDeliveryTracker();
        const before = lines.slice(0, cut).flatMap((line) => [...first.take(line)]);
        const { messages, ...state } = first.readState();
        const byQueueId = messages.toSorted((one, other) => (one.queueId < other.queueId ? -1 : 1));
        const second = createDeliveryTracker(JSON.parse(JSON.stringify({ messages: byQueueId, ...state })));
        const after = lines.slice(cut).flatMap((line) => [...second.take(line)]);
        const told = [...before, ...after, ...second.settle(start + laterMs)];
        const counts = told.map(({ queueId, to, direction }) => `${queueId} ${to} ${direction}`);
        expect(counts.toSorted()).toEqual(stories.flatMap((story) => story.counts).toSorted());
      },
    ),
    { numRuns: 300 },
  );
});

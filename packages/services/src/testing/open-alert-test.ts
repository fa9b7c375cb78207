import type { FindingSeverity } from "@mailstead/core/dns";
import type { TestDatabase } from "@mailstead/db/testing";
import { type AlertSending, addAlertChannel, makeAlerts, sendAlerts } from "../alerts/index.ts";
import { recordFindings } from "../checks/index.ts";
import { withTransaction } from "../context/index.ts";
import { storeSealingKey } from "../secrets/index.ts";
import { openServerTest, type ServerTest } from "./open-server-test.ts";
import { makeTestOpener } from "./test-opener.ts";

type PostOutcome = Awaited<ReturnType<NonNullable<AlertSending["post"]>>>;

/** What an endpoint was sent. */
export interface Posted {
  readonly url: string;
  readonly id: string;
  readonly body: {
    readonly type: string;
    readonly id: string;
    readonly events: readonly {
      readonly what: string;
      readonly findingId: string | null;
      readonly sentence: string;
      readonly url: string;
      readonly runbookUrl?: string;
    }[];
    readonly total: number;
  };
}

interface FoundHere {
  readonly key: string;
  readonly severity: FindingSeverity;
  readonly sentence: string;
}

export interface AlertTest extends ServerTest {
  /** What reached the endpoint, in its order. */
  readonly posted: Posted[];
  /** What the endpoint says to the next posts; it takes all others. */
  answers: (() => Promise<PostOutcome> | PostOutcome)[];
  webhook(values?: object): ReturnType<typeof addAlertChannel>;
  /** What is found on the server now, as a check keeps it. */
  find(...found: FoundHere[]): Promise<unknown>;
  passes(minutes: number): void;
  /** Writes the alerts that are due; throws what failed. */
  make(): Promise<void>;
  sending(values?: Partial<AlertSending>): AlertSending;
  send(values?: Partial<AlertSending>): ReturnType<typeof sendAlerts>;
  told(): string[];
}

/** A server whose findings are told to an endpoint of the test's own. */
export async function openAlertTest(shared: TestDatabase): Promise<AlertTest> {
  const t = await openServerTest({ shared });
  const opener = makeTestOpener();
  await storeSealingKey(t.system, opener);
  const test: AlertTest = {
    ...t,
    posted: [],
    answers: [],
    webhook: (values = {}) =>
      addAlertChannel(t.owner, {
        name: "Pager",
        target: { kind: "webhook", url: "https://hook.example/in?token=s3cret" },
        ...values,
      }),
    find: (...found) =>
      withTransaction(t.owner, (tx) =>
        recordFindings(
          tx,
          { organisationId: t.organisationId, tenantId: t.tenantId, serverId: t.serverId },
          { found, unseen: () => false, at: t.clock.now, by: "delivery" },
        ),
      ),
    passes(minutes) {
      t.clock.now = new Date(t.clock.now.getTime() + minutes * 60_000);
    },
    async make() {
      const [failed] = await makeAlerts(t.system, { app: t.database.app, installation: t.installation });
      if (failed !== undefined) throw failed.cause;
    },
    sending: (values = {}) => ({
      installation: t.installation,
      opener,
      sendMail: null,
      post: async ({ url, body, headers }) => {
        test.posted.push({ url, id: headers["webhook-id"] ?? "", body: JSON.parse(body) });
        return (await test.answers.shift()?.()) ?? { kind: "sent" };
      },
      ...values,
    }),
    send: (values = {}) => sendAlerts(t.system, test.sending(values)),
    told: () => test.posted.flatMap(({ body }) => body.events.map(({ what }) => what)),
  };
  return test;
}

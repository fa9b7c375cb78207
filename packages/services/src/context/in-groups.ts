import type { Transaction } from "@mailstead/db";
import { ConnectionOverError, connectionOver, readCurrentConnections } from "./agent-connection.ts";
import { type SystemContext, withSystemTransaction } from "./service-context.ts";

/** Something that is to be done, with what asked for it. */
export interface Asked<Input> {
  readonly ctx: SystemContext;
  readonly input: Input;
}

/**
 * The database went away before it said whether a transaction counts that was done up to its end. It may, so that nobody but
 * who asked does it again.
 */
export class UnknownOutcomeError extends Error {
  override name = "UnknownOutcomeError";
}

/** The answer to what was not done and is to be done alone: it would have to wait for somebody while others wait for it. */
export const apart = Symbol("apart");
export type Apart = typeof apart;

/** In the order of what was asked for. One alone is never answered with `apart`. */
export type Answers<Output> = readonly (Output | ConnectionOverError | Apart)[];

/** Does several in one transaction: all of them or, where it throws, none. */
export type Together<Input, Output> = (asked: readonly Asked<Input>[]) => Promise<Answers<Output>>;

export interface GroupRules<Input, Output> {
  readonly together: Together<Input, Output>;
  /** Of two with the same name the later one is not begun before the earlier is done. */
  nameOf(input: Input): string;
  /** How much one holds; left out, one as much as any other. */
  weightOf?(input: Input): number;
  readonly groupsMax: number;
  readonly lengthMax: number;
  readonly weightMax?: number;
}

/** Does one as it is done together with others. Throws ConnectionOverError where its connection counts no longer. */
export async function alone<Input, Output>(
  together: Together<Input, Output>,
  ctx: SystemContext,
  input: Input,
): Promise<Output> {
  const [answer] = await together([{ ctx, input }]);
  if (answer === undefined || answer === apart) throw new Error("Nothing became of what was asked for.");
  if (answer instanceof ConnectionOverError) throw answer;
  return answer;
}

/**
 * Runs `work` in one transaction for what was asked for through connections that still are their agents', and by nobody's
 * connection. Its answers come in the order of what it was given.
 */
export async function withConnections<Input, Output>(
  asked: readonly Asked<Input>[],
  work: (tx: Transaction, ctx: SystemContext, inputs: readonly Input[]) => Promise<Answers<Output>>,
): Promise<Answers<Output>> {
  const [first] = asked;
  if (first === undefined) return [];
  const { connection: _, ...ctx } = first.ctx;
  let isOnlyToCommit = false;
  const answered = withSystemTransaction(ctx, async (tx) => {
    isOnlyToCommit = false;
    const isCurrent = await readCurrentConnections(
      tx,
      asked.flatMap(({ ctx: { connection = [] } }) => connection),
    );
    const isOpen = ({ ctx: { connection } }: Asked<Input>) =>
      connection === undefined || isCurrent(connection);
    const answers = (
      await work(
        tx,
        ctx,
        asked.filter(isOpen).map(({ input }) => input),
      )
    ).values();
    const all = asked.map((one) => (isOpen(one) ? nextOf(answers) : new ConnectionOverError(connectionOver)));
    isOnlyToCommit = true;
    return all;
  });
  return answered.catch((cause: unknown) => {
    if (!isOnlyToCommit) throw cause;
    throw new UnknownOutcomeError("Nobody knows whether what was asked for was stored.", { cause });
  });
}

function nextOf<T>(answers: Iterator<T>): T {
  const next = answers.next();
  if (next.done) throw new Error("Nothing became of what was asked for.");
  return next.value;
}

/**
 * Does what many ask for in few transactions, since each costs as much as many rows. While fewer than `groupsMax` are under way,
 * what is asked for is done at once; what comes meanwhile waits for its turn and is done together. Where a group fails, each of
 * it is done alone, so that one that cannot be done holds up nobody else; but nothing is done twice that may count already.
 */
export function inGroups<Input, Output>(
  rules: GroupRules<Input, Output>,
): (ctx: SystemContext, input: Input) => Promise<Output> {
  const waiting: Waiting<Input, Output>[] = [];
  const underWay = new Set<string>();
  let groups = 0;

  function doNext(): void {
    if (groups >= rules.groupsMax) return;
    const group = takeGroup(waiting, { rules, underWay });
    if (group.length === 0) return;
    groups += 1;
    for (const { input } of group) underWay.add(rules.nameOf(input));
    void doGroup(group, rules).finally(() => {
      groups -= 1;
      for (const { input } of group) underWay.delete(rules.nameOf(input));
      doNext();
    });
  }

  return (ctx, input) =>
    new Promise((resolve, reject) => {
      waiting.push({ ctx, input, resolve, reject });
      doNext();
    });
}

interface Waiting<Input, Output> extends Asked<Input> {
  readonly resolve: (output: Output) => void;
  readonly reject: (problem: unknown) => void;
}

/** Takes those that wait for longest out, of each name one and none that is under way, and at least one however large. */
function takeGroup<Input, Output>(
  waiting: Waiting<Input, Output>[],
  { rules, underWay }: { rules: GroupRules<Input, Output>; underWay: ReadonlySet<string> },
): readonly Waiting<Input, Output>[] {
  const { lengthMax, weightMax = Number.POSITIVE_INFINITY, weightOf = () => 0 } = rules;
  const group: Waiting<Input, Output>[] = [];
  const names = new Set(underWay);
  let weight = 0;
  for (let place = 0; place < waiting.length && group.length < lengthMax; ) {
    const next = waiting[place];
    if (next === undefined || names.has(rules.nameOf(next.input))) {
      place += 1;
      continue;
    }
    weight += weightOf(next.input);
    if (group.length > 0 && weight > weightMax) break;
    names.add(rules.nameOf(next.input));
    waiting.splice(place, 1);
    group.push(next);
  }
  return group;
}

/** Never rejects. What one asked for may be what cannot be done, so each is tried alone then. */
async function doGroup<Input, Output>(
  group: readonly Waiting<Input, Output>[],
  { together }: GroupRules<Input, Output>,
): Promise<void> {
  let left = group;
  if (group.length > 1) {
    try {
      const answers = await together(group);
      left = group.filter((_, place) => answers[place] === apart);
      for (const [place, { resolve, reject }] of group.entries()) {
        const answer = answers[place];
        if (answer === apart) continue;
        if (answer === undefined || answer instanceof ConnectionOverError) reject(answer);
        else resolve(answer);
      }
    } catch (problem) {
      if (problem instanceof UnknownOutcomeError) {
        for (const { reject } of group) reject(problem);
        return;
      }
      // Any other is told by those below that fail alone as well.
    }
  }
  for (const { ctx, input, resolve, reject } of left) await alone(together, ctx, input).then(resolve, reject);
}

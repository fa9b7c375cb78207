import { attention, different, type RecordJudgement, rightAsIs } from "./record-judgement.ts";
import { withoutDot } from "./same-value.ts";

interface Srv {
  priority: number;
  port: number;
  target: string;
}

/** Judges SRV records by whether programs come to our host and port first (RFC 2782). */
export function judgeSrv(planned: string, values: readonly string[]): RecordJudgement {
  if (values.length === 0) return { kind: "missing" };
  const wanted = parseSrv(planned);
  const found = values.map(parseSrv).sort((left, right) => left.priority - right.priority);
  // RFC 6186 §3.4: the root as target says that the service is not offered.
  if (found.every(({ target }) => target === ""))
    return different("it says that this service is not offered here");
  const ours = found.find(({ target }) => target === wanted.target);
  if (ours === undefined)
    return different(`programs are sent to ${listed(found)} and not to ${wanted.target}`);
  if (ours.port !== wanted.port)
    return different(
      `programs are sent to port ${ours.port} of ${ours.target}, which answers at ${wanted.port}`,
    );
  const others = found.filter(
    ({ target, priority }) => target !== wanted.target && priority <= ours.priority,
  );
  return others.length === 0
    ? rightAsIs
    : attention(`programs may also be sent to ${listed(others)}, where the mailboxes are not`);
}

function parseSrv(value: string): Srv {
  const [priority = "", , port = "", target = ""] = value.trim().split(/\s+/);
  return { priority: Number(priority), port: Number(port), target: withoutDot(target).toLowerCase() };
}

function listed(found: readonly Srv[]): string {
  return found.map(({ target, port }) => `${target}:${port}`).join(", ");
}

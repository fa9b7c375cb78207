import { cutText } from "@mailstead/core/text";
import { type HealthCheck, type HealthCheckId, healthFaultsMax } from "@mailstead/core/updates";

const sentenceMax = 1000;
const faultMax = 200;

export function okCheck(id: HealthCheckId, sentence: string): HealthCheck {
  return checkOf(id, "ok", { sentence });
}

export function unknownCheck(id: HealthCheckId, sentence: string): HealthCheck {
  return checkOf(id, "unknown", { sentence });
}

/** `faults` names what is bad by words that stay the same as long as it is. */
export function badCheck(id: HealthCheckId, sentence: string, faults: readonly string[] = []): HealthCheck {
  return checkOf(id, "bad", { sentence, faults });
}

function checkOf(
  id: HealthCheckId,
  state: HealthCheck["state"],
  { sentence, faults = [] }: { sentence: string; faults?: readonly string[] },
): HealthCheck {
  return {
    id,
    state,
    sentence: cutText(sentence, sentenceMax),
    faults: faults.slice(0, healthFaultsMax).map((fault) => cutText(fault, faultMax)),
  };
}

import { dkimSelectorSchema } from "@mailstead/core/domains";
import { z } from "zod";
import type { Host } from "../platform/host.ts";
import { parseJson } from "../platform/parse-json.ts";
import { composeTestMessage, messageText } from "./test-message.ts";

const answerWithinSeconds = 20;

/** What Rspamd says of a scan, as far as it is asked here: one signature stands alone, several stand in a list. */
const scanSchema = z.object({
  "dkim-signature": z.union([z.string(), z.array(z.string())]).default([]),
});

/**
 * The selectors with which Rspamd signs mail of a domain now, found by asking it to judge a letter that starts on this
 * host; null when it does not answer. Nothing is sent, and what people may send in an hour is not counted up.
 */
export async function readRspamdSelectors(host: Host, domain: string): Promise<string[] | null> {
  const postmaster = `postmaster@${domain}`;
  const scan = await host.run(
    [
      "rspamc",
      "--connect=localhost:11334",
      `--timeout=${answerWithinSeconds}`,
      "--ip=127.0.0.1",
      `--from=${postmaster}`,
      `--rcpt=${postmaster}`,
      "--json",
      "symbols",
    ],
    {
      input: messageText(composeTestMessage(domain, new Date(host.nowUnixMs()))),
      timeoutMs: answerWithinSeconds * 1000,
    },
  );
  if (scan.exitCode !== 0) return null;
  const parsed = scanSchema.safeParse(parseJson(scan.stdout));
  if (!parsed.success) return null;
  return [parsed.data["dkim-signature"]].flat().flatMap((signature) => selectorOf(signature, domain));
}

/** The selector of a signature in the name of this domain (RFC 6376 §3.5), which Rspamd folds after any tag. */
function selectorOf(signature: string, domain: string): string[] {
  const tags = new Map(
    signature.split(";").map((tag): [string, string] => {
      const [name = "", value = ""] = tag.split("=", 2);
      return [name.trim(), value.replaceAll(/\s/g, "")];
    }),
  );
  const selector = dkimSelectorSchema.safeParse(tags.get("s"));
  return selector.success && tags.get("d") === domain ? [selector.data] : [];
}

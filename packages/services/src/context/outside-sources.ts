import { type BlockList, blockListNames, rulesOf, spamhausLists, spamhausZone } from "@mailstead/core/checks";

/** Registers of others that checks may ask; what is left out is not asked, and nothing is said of it. */
export interface OutsideSources {
  /** Zones that answer for block lists, by list. */
  readonly blockLists?: Readonly<Partial<Record<BlockList, string>>>;
  /** Base of an RDAP service, without a final slash (RFC 9082). */
  readonly rdapUrl?: string;
  /** Base of a service that speaks RIPEstat's data API, without a final slash. */
  readonly rpkiUrl?: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads SPAMHAUS ("public" for its public mirrors, else a key of its Data Query Service), BLOCK_LISTS (names of other
 * lists, each with a zone of its own where a key is a part of that), RDAP_URL and RPKI_URL; throws a sentence that names the variable that is wrong.
 */
export function outsideSourcesFrom(environment: Environment): OutsideSources {
  const [spamhaus, rdapUrl, rpkiUrl] = [
    environment["SPAMHAUS"] ?? "",
    urlIn(environment, "RDAP_URL"),
    urlIn(environment, "RPKI_URL"),
  ];
  // The key is a label of a name; whatever is none would be asked for by a resolver of others.
  if (spamhaus !== "" && !/^[a-z0-9]{1,63}$/i.test(spamhaus))
    throw new Error('SPAMHAUS must be "public" or a key of Spamhaus, which has letters and digits alone.');
  const blockLists = {
    ...(spamhaus === ""
      ? {}
      : Object.fromEntries(
          spamhausLists.map((list) => [
            list,
            spamhausZone(list, spamhaus === "public" ? "public" : { key: spamhaus }),
          ]),
        )),
    ...otherLists(environment["BLOCK_LISTS"] ?? ""),
  };
  return {
    ...(Object.keys(blockLists).length === 0 ? {} : { blockLists }),
    ...(rdapUrl === null ? {} : { rdapUrl }),
    ...(rpkiUrl === null ? {} : { rpkiUrl }),
  };
}

/** Lists of Spamhaus are named by its own variable, because its key opens both. */
function otherLists(text: string): Partial<Record<BlockList, string>> {
  const wanted = text
    .split(/[\s,]+/)
    .filter((one) => one !== "")
    .map((one) => {
      const [name = "", ...rest] = one.split("=");
      const list = otherNames.find((known) => known === name);
      const zone = list === undefined ? undefined : rest[0] || rulesOf(list).zone;
      if (list === undefined || zone == null || !/^[a-z0-9-]+(\.[a-z0-9-]+)+$/i.test(zone))
        throw new Error(
          `BLOCK_LISTS has "${one}"; name lists of ${otherNames.join(", ")}, with a zone behind "=" where the list needs a key.`,
        );
      return [list, zone] as const;
    });
  return Object.fromEntries(wanted);
}

const otherNames = blockListNames.filter((name) => !(spamhausLists as readonly BlockList[]).includes(name));

function urlIn(environment: Environment, name: string): string | null {
  const text = environment[name] ?? "";
  if (text === "") return null;
  if (!/^https?:$/.test(URL.parse(text)?.protocol ?? ""))
    throw new Error(`${name} is "${text}", which is no address of the web; write it like https://rdap.org.`);
  return text.replace(/\/+$/, "");
}

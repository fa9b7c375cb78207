/**
 * The few things that Route 53's answers need of XML: elements by name and their text. Declarations and entities are
 * never followed, so no document can make us read a file or grow (XXE).
 */

/** The inside of every element of this name, in order, none of which holds another of the same name. */
export function elementsOf(xml: string, name: string): string[] {
  return [...xml.matchAll(new RegExp(`<${name}(?:\\s[^>]*)?>([\\s\\S]*?)</${name}>`, "g"))].map(
    ([, inside = ""]) => inside,
  );
}

/** The text of the first element of this name, within the first element `within` when it is given. */
export function textOf(xml: string, name: string, within?: string): string | null {
  const scope = within === undefined ? xml : elementsOf(xml, within)[0];
  const text = scope === undefined ? undefined : elementsOf(scope, name)[0];
  return text === undefined || text.includes("<") ? null : unescapeXml(text);
}

export function escapeXml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

const namedEntities: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

function unescapeXml(text: string): string {
  return text.replace(/&#\d+;|&#x[0-9a-f]+;|&\w+;/gi, (entity) => {
    const name = entity.slice(1, -1);
    if (!name.startsWith("#")) return namedEntities[name] ?? entity;
    const code = Number(name.slice(1).replace(/^x/i, "0x"));
    return code <= 0x10ffff ? String.fromCodePoint(code) : entity;
  });
}

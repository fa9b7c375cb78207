/** One header field: its name in small letters, its value unfolded and with encoded words decoded. */
export interface MailHeader {
  readonly name: string;
  readonly value: string;
}

/** A part of a mail that is not its readable text. */
export interface MailPart {
  /** The media type in small letters, without parameters. */
  readonly contentType: string;
  readonly fileName: string | null;
  /** What the part says where it holds text, else nothing. */
  readonly text: string;
  /** The mail inside the part, where it holds one. */
  readonly message: MailTree | null;
}

/** A mail taken apart by whoever received it; nothing here knows of transfer encodings. */
export interface MailTree {
  readonly headers: readonly MailHeader[];
  /** What a person reads, with line feeds only. */
  readonly text: string;
  readonly parts: readonly MailPart[];
}

/** The first header of this name, or an empty text. */
export function headerOf(mail: { readonly headers: readonly MailHeader[] }, name: string): string {
  return mail.headers.find((header) => header.name === name)?.value ?? "";
}

/**
 * Reads the header fields at the start of a text, folded lines joined (RFC 5322 §2.2.3). Lines that are no field are
 * passed over, since notices quote headers carelessly.
 */
export function parseHeaderLines(text: string): MailHeader[] {
  const headers: { name: string; value: string }[] = [];
  for (const line of text.split("\n")) {
    const field = /^([!-9;-~]{1,100}?)\s*:(?!\/\/)\s?(.*)$/.exec(line);
    const last = headers.at(-1);
    if (/^[ \t]+\S/.test(line) && last !== undefined) last.value += ` ${line.trim()}`;
    else if (field !== null)
      headers.push({ name: (field[1] ?? "").toLowerCase(), value: (field[2] ?? "").trim() });
  }
  return headers;
}

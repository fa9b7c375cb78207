/** How a kind of server says that the message itself follows, with a line of its kind. */
export interface ReturnedMark {
  readonly pattern: RegExp;
  readonly sample: string;
}

/** Ends of notices. Each pattern sees one line. */
export const returnedMarks: readonly ReturnedMark[] = [
  {
    pattern:
      /^[\s>*-]*(?:below this line is|this is|included is|below is|following is|here is|attached is) a copy of (?:the|your) (?:\w+ )?(?:message|mail|headers)/i,
    sample: "--- Below this line is a copy of the message.",
  },
  {
    pattern: /^[\s>*_-]*(?:the )?(?:text|body|headers?) of (?:the|your) (?:original )?(?:message|mail)/i,
    sample: "--- The header of the original message is following. ---",
  },
  {
    pattern:
      /^[\s>*_-]*(?:your |the )?(?:original|unsent|returned|undelivered|rejected|bounced|forwarded|failed) (?:message|mail|e-mail|text)(?: (?:header|headers|text|info|body|details?))?(?: (?:follows?|as follows|below|attached))?[\s:.*_-]*$/i,
    sample: "----- Original message -----",
  },
  {
    pattern: /^[\s>*_-]*message (?:headers?|text|body|contents?)(?: (?:follow|follows|below))?[\s:.*_-]*$/i,
    sample: "Message headers follow.",
  },
  {
    pattern: /^[\s>*_-]*(?:the )?forwarded message follows/i,
    sample: "--- the forwarded message follows ---",
  },
  {
    pattern:
      /^[\s>*_-]*(?:mensaje original|message d'origine|urspr(?:ü|ue)ngliche nachricht|mensagem original|messaggio originale)/i,
    sample: "--- Mensaje original adjunto.",
  },
  {
    pattern: /^[\s>*_-]*(?:unsent|undelivered) message follows/i,
    sample: "   ----- Unsent message follows -----",
  },
  { pattern: /^[\s>*_-]*message header(?:s)? of the/i, sample: "--- Message headers of the original" },
];

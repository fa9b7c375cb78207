import { Fragment } from "react";

const address = /(https:\/\/[^\s()]+[^\s().,;:])/;

/** A text of our own whose web addresses can be followed. What others wrote is shown as text: its links may be traps. */
export function LinkedText({ text }: { text: string }) {
  return text.split(address).map((part, place) =>
    place % 2 === 1 ? (
      <a
        // biome-ignore lint/suspicious/noArrayIndexKey: the parts of one text never change places
        key={place}
        href={part}
        rel="noopener noreferrer"
        target="_blank"
        className="text-accent hover:underline"
      >
        {part}
      </a>
    ) : (
      // biome-ignore lint/suspicious/noArrayIndexKey: the parts of one text never change places
      <Fragment key={place}>{part}</Fragment>
    ),
  );
}

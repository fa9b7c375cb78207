import { Fragment } from "react";

/** A host name or address that a narrow column breaks at its signs and not in the middle of a word. */
export function Breakable({ name }: { name: string }) {
  return (
    <span className="[overflow-wrap:break-word]">
      {name.split(/(?=@)|(?<=\.)/).map((part, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the parts of one name never change places
        <Fragment key={index}>
          {index > 0 ? <wbr /> : null}
          {part}
        </Fragment>
      ))}
    </span>
  );
}

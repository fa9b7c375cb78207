import { textParts } from "@mailstead/core/text";
import { Fragment } from "react";
import { Moment } from "./time.tsx";

/** A text whose marked moments are drawn in the viewer's own zone. */
export function MarkedText({ text }: { text: string }) {
  return textParts(text).map((part, place) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: the parts of one text never change places
    <Fragment key={place}>{typeof part === "string" ? part : <Moment at={part} />}</Fragment>
  ));
}

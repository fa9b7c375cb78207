"use client";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTRPC } from "../../client/trpc.tsx";
import { Button } from "../../components/button.tsx";
import { Field, Input, Select, SwitchField } from "../../components/field.tsx";
import { Panel } from "../../components/panel.tsx";
import { ProblemNote } from "../../components/problem-note.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { IfMay, useMay } from "../access/role-provider.tsx";

const ways = ["none", "public", "key"] as const;
type Way = (typeof ways)[number];

/** How the organisation's servers ask Spamhaus and Abusix about themselves. Who sees one customer only has none of it. */
export function SpamhausPanel() {
  const { t } = useWords();
  const query = useQuery(useTRPC().blockLists.settings.queryOptions());
  if (query.data == null) return <ProblemNote error={query.error} />;
  return (
    <Panel id="spamhaus" title={t("spamhaus.title")} description={t("spamhaus.lead")}>
      <SpamhausForm
        key={`${query.data.spamhaus} ${query.data.abusix}`}
        before={query.data.spamhaus}
        abusixBefore={query.data.abusix}
      />
    </Panel>
  );
}

function SpamhausForm({ before, abusixBefore }: { before: Way; abusixBefore: "none" | "key" }) {
  const { t } = useWords();
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const may = useMay();
  const [way, setWay] = useState<Way>(before);
  const [key, setKey] = useState("");
  const [asksAbusix, setAsksAbusix] = useState(abusixBefore === "key");
  const [abusixKey, setAbusixKey] = useState("");
  const save = useMutation(
    trpc.blockLists.changeSettings.mutationOptions({
      async onSuccess() {
        setKey("");
        setAbusixKey("");
        await queryClient.invalidateQueries({ queryKey: trpc.blockLists.pathKey() });
      },
    }),
  );
  function submit(event: FormEvent) {
    event.preventDefault();
    save.mutate({
      spamhaus: way,
      ...(way === "key" && key !== "" ? { key } : {}),
      abusix: asksAbusix ? "key" : "none",
      ...(asksAbusix && abusixKey !== "" ? { abusixKey } : {}),
    });
  }
  const isFixed = !may("blockLists.changeSettings");
  return (
    <form onSubmit={submit} className="grid gap-3">
      <Field label={t("spamhaus.access")}>
        <Select value={way} onChange={(event) => setWay(event.target.value as Way)} disabled={isFixed}>
          {ways.map((each) => (
            <option key={each} value={each}>
              {t(`spamhaus.access.${each}`)}
            </option>
          ))}
        </Select>
      </Field>
      {way === "key" && !isFixed ? (
        <Field
          label={t("spamhaus.key")}
          hint={t(before === "key" ? "spamhaus.key-kept" : "spamhaus.key-hint")}
        >
          <Input
            type="password"
            value={key}
            onChange={(event) => setKey(event.target.value)}
            autoComplete="off"
            spellCheck={false}
            required={before !== "key"}
          />
        </Field>
      ) : null}
      <SwitchField
        label={t("abusix.access")}
        hint={t("abusix.access-hint")}
        isOn={asksAbusix}
        onChange={setAsksAbusix}
        disabled={isFixed}
      />
      {asksAbusix && !isFixed ? (
        <Field
          label={t("abusix.key")}
          hint={t(abusixBefore === "key" ? "spamhaus.key-kept" : "spamhaus.key-hint")}
        >
          <Input
            type="password"
            value={abusixKey}
            onChange={(event) => setAbusixKey(event.target.value)}
            autoComplete="off"
            spellCheck={false}
            required={abusixBefore !== "key"}
          />
        </Field>
      ) : null}
      <ProblemNote error={save.error} />
      <IfMay use="blockLists.changeSettings">
        <Button type="submit" isBusy={save.isPending} className="justify-self-start">
          {t("spamhaus.save")}
        </Button>
      </IfMay>
    </form>
  );
}
